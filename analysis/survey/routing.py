"""Follow the way through a questionnaire, by condition and by printed jump, and say where they differ."""

from itertools import product

import pandas as pd

from analysis.survey.questionnaire import END, Condition, Question, Questionnaire


def asked_by_condition(questionnaire: Questionnaire, given: dict[str, str]) -> list[str]:
    """List the questions put to somebody who answers `given` (question → answer), by `asked_if`.

    An answer is a code, several codes `a|b` of a multiple question, or a whole number or a
    range of them. Answers to questions that this person isn't asked are ignored.
    """
    asked: list[str] = []
    for question in questionnaire:
        if all(q in asked and _meets(given.get(q, ""), values) for q, values in question.asked_if.clauses):
            asked.append(question.code)
    return asked


def asked_by_print(questionnaire: Questionnaire, given: dict[str, str]) -> list[str]:
    """List the questions that somebody who answers `given` meets when following the printed jumps.

    The jump behind the answer wins over the jump behind the question; without either
    the next question follows.
    """
    codes = [q.code for q in questionnaire]
    asked: list[str] = []
    current = codes[0]
    while current in codes:
        if current in asked:
            raise ValueError(f"the printed jumps lead back to {current}")
        asked.append(current)
        question = questionnaire[current]
        ticked = given.get(current, "").split("|")
        answer = next((a for a in question.options if a.code in ticked), None)
        following = codes[codes.index(current) + 1] if current != codes[-1] else END
        current = (answer.printed_next if answer else "") or question.printed_next or following
    return asked


def _meets(answer: str, values: tuple[str, ...]) -> bool:
    """Whether an answer, written as `asked_by_condition` takes it, is one of `values`."""
    for part in answer.split("|"):
        number = part.partition("..")[0]
        for low, dots, high in (value.partition("..") for value in values):
            if number == low or (dots and number.isdigit() and int(low) <= int(number) <= int(high)):
                return True
    return False


def _ways(question: Question, looked_at: list[str]) -> list[str]:
    """List the answers that can part ways: each option, or the ranges between the bounds looked at.

    Of a multiple question each option alone, and all that conditions look at together.
    """
    if question.kind == "number":
        starts = {int(v.partition("..")[0]) for v in looked_at} | {int(v.partition("..")[2]) + 1 for v in looked_at}
        low = min(starts) - 1 if question.minimum is None else question.minimum
        high = max(starts) if question.maximum is None else question.maximum
        bounds = sorted({low, *(s for s in starts if low < s <= high)})
        return [f"{a}..{b - 1}" for a, b in zip(bounds, [*bounds[1:], high + 1], strict=True)]
    ways = [a.code for a in question.options]
    together = "|".join(code for code in ways if code in looked_at)
    return [*ways, together] if question.kind == "multiple" and "|" in together else ways


def routing_paths(questionnaire: Questionnaire) -> pd.DataFrame:
    """Walk every way through the questionnaire, by condition and by printed jump.

    Returns one row a combination of answers at the questions that route: a column for
    each of those questions, and `by_condition` and `by_print`, the questions met.
    """
    looked_at: dict[str, list[str]] = {}
    for code, values in (clause for q in questionnaire for clause in q.asked_if.clauses):
        looked_at.setdefault(code, []).extend(values)
    routing = [q for q in questionnaire if q.code in looked_at or any(a.printed_next for a in q.options)]
    rows = []
    for answers in product(*[_ways(q, looked_at.get(q.code, [])) for q in routing]):
        given = dict(zip((q.code for q in routing), answers, strict=True))
        rows.append(
            given
            | {
                "by_condition": tuple(asked_by_condition(questionnaire, given)),
                "by_print": tuple(asked_by_print(questionnaire, given)),
            }
        )
    return pd.DataFrame(rows)


def compare_routing(questionnaire: Questionnaire) -> pd.DataFrame:
    """Find where the printed jumps contradict the conditions, or themselves.

    Returns one row a finding: `finding` (`unreachable`, `skipped`, `asked_wrongly` or
    `two_jumps`), `question`, and `when`, the answers for which it happens (blank: always).
    `two_jumps` marks a question with a jump of its own beside other jumps at its answers.
    A questionnaire without any printed jump has nothing to contradict.
    """
    columns = ["finding", "question", "when"]
    if not any(q.printed_next or any(a.printed_next for a in q.options) for q in questionnaire):
        return pd.DataFrame(columns=columns, dtype=str)
    paths = routing_paths(questionnaire)
    routing = [c for c in paths.columns if c not in ("by_condition", "by_print")]
    findings = []
    for question in questionnaire:
        fielded = paths["by_condition"].map(lambda path, code=question.code: code in path)
        printed = paths["by_print"].map(lambda path, code=question.code: code in path)
        if fielded.any() and not printed.any():
            findings.append(("unreachable", question.code, ""))
        else:
            for finding, where in [("skipped", fielded & ~printed), ("asked_wrongly", printed & ~fielded)]:
                if where.any():
                    findings.append((finding, question.code, _describe(paths, routing, where)))
        own = {a.printed_next for a in question.options if a.printed_next}
        if question.printed_next and own - {question.printed_next}:
            findings.append(("two_jumps", question.code, ""))
    return pd.DataFrame(findings, columns=columns)


def _describe(paths: pd.DataFrame, routing: list[str], where: pd.Series) -> str:
    """Say in a condition which paths are meant, naming only the questions that matter."""
    clauses = []
    for code in routing:
        met = where & paths["by_print"].map(lambda path, code=code: code in path)
        answers = paths.loc[where, code].unique()
        if met.equals(where) and len(answers) < paths[code].nunique():
            clauses.append((code, tuple(sorted({value for answer in answers for value in answer.split("|")}))))
    return str(Condition(tuple(clauses)))
