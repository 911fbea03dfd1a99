"""Show every question of a questionnaire, in its order: who was asked, and what they answered."""

from itertools import groupby

import pandas as pd

from analysis.show import exhibits
from analysis.show.parts import Heading, Paragraph
from analysis.stats.estimates import means, shares
from analysis.survey.questionnaire import Questionnaire
from analysis.words import Text, text


def show_questions(responses: pd.DataFrame, questionnaire: Questionnaire) -> None:
    """Show the shares or the mean of each question, with a heading where others were asked than before.

    What people wrote in their own words isn't shown, which is said. A number that was divided into groups is shown so
    too.
    """
    for number, (_, block) in enumerate(groupby(questionnaire, key=lambda question: str(question.asked_if)), 1):
        asked = list(block)
        whom = Text({language: said[:1].upper() + said[1:] for language, said in asked[0].asked.items()})
        exhibits.display_part(Heading(whom, address=f"block-{number}"))
        for question in asked:
            if question.kind == "text":
                exhibits.display_part(Paragraph(text("question_in_own_words", question=question.labels)))
            elif question.kind == "number":
                exhibits.show_means(means(responses, question))
                for groups in (q for q in questionnaire.derived if q.source == question.code):
                    exhibits.show(shares(responses, groups))
            else:
                exhibits.show(shares(responses, question))
