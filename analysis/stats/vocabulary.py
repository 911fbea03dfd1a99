"""What a chapter says of its estimates, by the names of the questionnaire: conditions of sentences, and comparisons.

Each asks `guards` or `comparisons` about estimates that are there already, so that a question, an
answer or a group is named once:

    by_care = share(responses, questions.user, "yes", by=questions.care)
    who = family(care_more=differs(by_care, "now|waiting", "neither"))

Answers and groups are named as they are looked up, several with `|` between them. Where the
estimates are of one answer, or one statement, it needn't be named again.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.stats import comparisons, guards
from analysis.stats.estimates import Estimates, Means, Shares
from analysis.stats.guards import Outcome
from analysis.survey.questionnaire import Question, Questionnaire


@dataclass(frozen=True)
class Compared:
    """One comparison or a family of them: a row each, and the questionnaire that names what was compared."""

    frame: pd.DataFrame
    questions: Questionnaire


# --- one share -------------------------------------------------------------------------------


def majority(shares: Shares, answers: str = "", statement: str = "") -> Outcome:
    """More than half: `guards.majority`."""
    return guards.majority(*_asked(shares, answers, statement))


def minority(shares: Shares, answers: str = "", statement: str = "") -> Outcome:
    """Less than half: `guards.minority`."""
    return guards.minority(*_asked(shares, answers, statement))


def undecided(shares: Shares, answers: str = "", statement: str = "") -> Outcome:
    """Whether it is more than half can't be told: `guards.undecided`."""
    return guards.undecided(*_asked(shares, answers, statement))


def most(shares: Shares, answers: str = "", statement: str = "") -> Outcome:
    """Most people, as bounded in `quantities.csv`: `guards.most`."""
    return guards.most(*_asked(shares, answers, statement))


def few(shares: Shares, answers: str = "", statement: str = "") -> Outcome:
    """Few people, as bounded in `quantities.csv`: `guards.few`."""
    return guards.few(*_asked(shares, answers, statement))


def amount(shares: Shares, quantity: str, answers: str = "", statement: str = "") -> Outcome:
    """As many as a word of `quantities.csv` says, such as `not_rare`: `guards.amount`."""
    return guards.amount(*_asked(shares, answers, statement), quantity)


def rests_on_few(shares: Shares, group: str = "", most: int = 50) -> Outcome:
    """What is said, in all or in a group, rests on no more than so many answers: `guards.rests_on_few`."""
    responses, questions, item = _asked(shares)
    return guards.rests_on_few(responses, questions, item, _group(shares, group) if group else "", most)


# --- several answers of the same people ------------------------------------------------------


def leads(shares: Shares, answers: str, statement: str = "") -> Outcome:
    """An answer was given most often, of several each of them: `guards.leads`."""
    return guards.leads(*_asked(shares, answers, statement))


def order(shares: Shares, *answers: str, statement: str = "") -> Outcome:
    """Each answer was given more often than the next: `guards.order`."""
    responses, questions, _ = _asked(shares, answers[0], statement)
    return guards.order(responses, questions, *(_item(shares, answer, statement) for answer in answers))


# --- groups ----------------------------------------------------------------------------------


def differs(estimates: Estimates, more: str, less: str) -> Outcome:
    """A share, or a mean, is higher in one group than in another: `guards.differs`."""
    return guards.differs(*_asked(estimates), _group(estimates, more), _group(estimates, less))


def highest(shares: Shares, group: str, others: str = "") -> Outcome:
    """A share is higher in one group than in every other: `guards.highest`."""
    rivals = _by(shares).codes(others) if others else ""
    return guards.highest(*_asked(shares), _group(shares, group), rivals)


def apart(shares: Shares, more: str, less: str, margin: float) -> Outcome:
    """A share is higher in one group than in another by a margin at least: `guards.apart`."""
    return guards.apart(*_asked(shares), _group(shares, more), _group(shares, less), margin)


def falls(shares: Shares, *groups: str) -> Outcome:
    """A share falls from each group to the next, by default over all of them in their order: `guards.falls`."""
    named = groups or tuple(a.code for a in _by(shares).options)
    return guards.falls(*_asked(shares), *(_group(shares, group) for group in named))


def alike(shares: Shares, one: str, other: str, margin: float) -> Outcome:
    """Shares in two groups differ by no more than a margin chosen beforehand, between 0 and 1: `guards.alike`."""
    return guards.alike(*_asked(shares), _group(shares, one), _group(shares, other), margin)


def not_shown(shares: Shares, one: str, other: str) -> Outcome:
    """No difference between two groups is shown: `guards.not_shown`."""
    return guards.not_shown(*_asked(shares), _group(shares, one), _group(shares, other))


# --- comparisons as tables -------------------------------------------------------------------


def difference_in_shares(shares: Shares, first: str, second: str) -> Compared:
    """Compare one share in two groups: `comparisons.difference_in_shares`."""
    by, (answers, statement) = _by(shares), _named(shares)
    codes = by[first].code, by[second].code
    responses, questions, _ = _asked(shares)
    result = comparisons.difference_in_shares(responses, shares.question, answers, by, *codes, statement)
    return Compared(result, questions)


def difference_in_means(means: Means, first: str, second: str) -> Compared:
    """Compare the mean in two groups: `comparisons.difference_in_means`."""
    by = _by(means)
    responses, questions, _ = _asked(means)
    codes = by[first].code, by[second].code
    return Compared(comparisons.difference_in_means(responses, means.question, by, *codes), questions)


def associations(responses: pd.DataFrame, question: Question, groups: list[Question]) -> Compared:
    """Test whether answers go together with each of several groupings, corrected for their number."""
    results = [comparisons.association(responses, question, by) for by in groups]
    return Compared(comparisons.family(*results), _questions(question))


def _asked(estimates: Estimates, answers: str = "", statement: str = "") -> tuple[pd.DataFrame, Questionnaire, str]:
    """What every guard takes first: the responses, their questionnaire, and the item."""
    if estimates.responses is None:
        raise ValueError(f"these estimates of {estimates.question.code} keep no responses, so nothing can be tested")
    return estimates.responses, _questions(estimates.question), _item(estimates, answers, statement)


def _item(estimates: Estimates, answers: str = "", statement: str = "") -> str:
    """Write an item as guards read it, such as `q14_2=1|2`; of a mean the question's code alone."""
    question = estimates.question
    if isinstance(estimates, Means):
        return question.code
    codes, about = _named(estimates, answers, statement)
    return f"{question.column(about) if about else question.code}={codes}"


def _named(estimates: Estimates, answers: str = "", statement: str = "") -> tuple[str, str]:
    """Return the codes of the answers that are meant, and of the statement: what is named, else the only one there."""
    question, frame = estimates.question, estimates.frame
    for what, named in (("answer", answers), ("statement", statement)):
        if not named and frame[what].nunique() > 1:
            raise ValueError(f"{question.code} comes with {frame[what].nunique()} {what}s here; name the one meant")
    about = question.statement(statement).code if statement else frame["statement"].iloc[0]
    return question.codes(answers) if answers else frame["answer"].iloc[0], about


def _group(estimates: Estimates, groups: str) -> str:
    by = _by(estimates)
    return f"{by.code}={by.codes(groups)}"


def _by(estimates: Estimates) -> Question:
    if estimates.by is None:
        raise ValueError(f"these estimates of {estimates.question.code} come in no groups; ask for them with by=")
    return estimates.by


def _questions(question: Question) -> Questionnaire:
    if question.questionnaire is None:
        raise ValueError(f"{question.code} is of no questionnaire")
    return question.questionnaire
