"""Make the reference wave: invented respondents behind printed figures.

A report printed shares; the answers behind them stayed private. This room finds answers
that would give exactly those shares: one integer programme a question (or a statement),
a yes or no for every person and option, with `reconstruction/margins.csv` as equations and
`reconstruction/rules.csv` as what a person can't have answered.

Many sets of answers fit. Each yes has a random price, drawn once from the wave's seed, and
the cheapest set is taken. So the outcome is the same on every run, and **whatever the report
doesn't give is unrelated**: two answers go together only as far as a margin or a rule makes
them. A pattern in the invented people that isn't printed in the report means nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, sparse, stats

from analysis.survey import pictures
from analysis.survey import questionnaire as instrument
from analysis.survey.questionnaire import NO_ANSWER, NOT_ASKED, TICKED, UNTICKED, Condition, Question, Questionnaire
from analysis.survey.waves import Wave, read_wave

READINGS = ("welch", "pooled")
DEAREST = 10**6
"""Prices are whole numbers up to this, so that two sets hardly ever cost the same."""
SPREAD_TOLERANCE = 2e-4
"""How far, as a share, the variance of invented numbers may be from what was asked."""
INFEASIBLE = 2
"""What scipy's `milp` reports when nothing fits."""
KEY = ["question", "statement", "answer", "among"]
ORIGIN = ["origin", "printed", "printed_as", "note"]


def write(wave_folder: Path | str) -> list[Path]:
    """Write `responses.csv` and `provenance.csv` of an invented wave; return their paths.

    Running it again gives the same bytes. Raises ValueError as `reconstruct` does.
    """
    wave = read_wave(wave_folder)
    paths = [wave.responses, wave.folder / "provenance.csv"]
    for path, table in zip(paths, reconstruct(wave_folder), strict=True):
        table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return paths


def reconstruct(wave_folder: Path | str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Invent the respondents of a wave and say where each of their counts comes from.

    Returns
    -------
    export
        One row a respondent, one column an item, all text: the code of an answer, `1` or
        `0` for an option, a whole number, blank where not asked. Nobody wrote a text,
        except the names that the questionnaire recognises.
    provenance
        One row a count: `question`, `statement`, `answer` (`a|c`: either), `among` (such as
        `care=now`; blank: all who were asked), `count` of `base` people, `origin`
        (printed, derived, pictured or unpublished), what was `printed`, and as what. Where a number is
        concerned there is no `answer`, and both counts are of the people who gave one.

    Raises
    ------
    ValueError
        When the wave isn't synthetic, when a table names what isn't in the questionnaire or
        leaves out an option, or when no whole people fit: then the margins that clash are named.
    """
    wave = read_wave(wave_folder)
    if wave.kind != "synthetic":
        raise ValueError(f'{wave.folder / "wave.toml"}: kind is "{wave.kind}"; only a synthetic wave is made up')
    questions = instrument.read(wave.questionnaire)
    settings = wave.settings["reconstruction"]
    margins, rules = (
        pd.read_csv(wave.folder / "reconstruction" / name, dtype=str, keep_default_na=False)
        for name in ("margins.csv", "rules.csv")
    )
    _refuse_gaps(questions, margins, rules)
    margins = pictures.take_up(margins, pictures.read(wave, questions), questions)
    people = _invent(questions, margins, rules, settings)
    return _export(people, questions, wave.respondent), _provenance(people, questions, margins, settings["outcome"])


def ages(settings: dict, reading: str) -> pd.DataFrame:
    """Find whole numbers of people at each age behind a printed mean and a printed t-test.

    `t(635) = -10.88` can be read in two ways. **Welch**: unequal variances, everybody gave an
    age, and the degrees of freedom follow from the ratio of the two standard deviations (635
    at about 0.97). **Pooled**: equal variances, 637 people gave an age, and 134 didn't. The wave
    takes Welch: the questions after the age are complete and the mean is printed without an
    N of its own, so a sixth of the ages missing without a word is the odder story. Against it
    speaks that spreads so alike usually lead to the pooled row. Neither can be proved.

    Parameters
    ----------
    settings
        `mean` (years, of all), `t` (first group minus second), `df`, `sd` (years, of the
        second group), `youngest`, `oldest`, `groups` (condition → people), `seed`.
    reading
        `welch` or `pooled`; in the second the missing ages are spread in proportion.

    Returns
    -------
    pd.DataFrame
        Index: age in years; a column of counts for each of the two groups. Each is the histogram
        nearest to a beta distribution on the given range (by the sum of differences between the
        cumulative counts) that has the mean and, within 0.02%, the variance sought.
    """
    if reading not in READINGS:
        raise ValueError(f'reading "{reading}" is not one of {", ".join(READINGS)}')
    sizes, sds = np.array(list(settings["groups"].values())), np.full(2, settings["sd"])
    if reading == "pooled":
        first = round((settings["df"] + 2) * sizes[0] / sizes.sum())
        sizes = np.array([first, settings["df"] + 2 - first])
    else:
        sds[0] *= _ratio_of_spreads(settings["df"], *sizes)
    gap = settings["t"] * np.sqrt((sds**2 / sizes).sum())
    means = settings["mean"] + gap * np.array([sizes[1], -sizes[0]]) / sizes.sum()
    counts = [_histogram(*group, settings) for group in zip(sizes, means, sds, strict=True)]
    index = pd.RangeIndex(settings["youngest"], settings["oldest"] + 1, name="age")
    return pd.DataFrame(dict(zip(settings["groups"], counts, strict=True)), index=index)


def compare_readings(wave: Wave, code: str) -> pd.DataFrame:
    """Set both readings of a printed t-test beside each other: `reading`, `base` (who gave a number) and `missing`."""
    settings = wave.settings["reconstruction"]
    numbers = settings["numbers"][code] | {"seed": settings["seed"]}
    bases = [int(ages(numbers, reading).to_numpy().sum()) for reading in READINGS]
    missing = [sum(numbers["groups"].values()) - base for base in bases]
    return pd.DataFrame({"reading": READINGS, "base": bases, "missing": missing})


def count_origins(provenance: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Count per question how many of its answers are of each origin.

    One row a question that offers answers, one column an origin; sums of answers and
    results of subgroups aren't counted.
    """
    single = provenance[
        provenance["among"].eq("") & ~provenance["answer"].str.contains(r"\|") & provenance["answer"].ne("")
    ]
    counts = pd.crosstab(single["question"], single["origin"])
    order = [q.code for q in questions if q.code in counts.index]
    return counts.reindex(index=order, columns=["printed", "derived", "pictured", "unpublished"], fill_value=0)


def _ratio_of_spreads(df: float, first: int, second: int) -> float:
    """Solve Welch and Satterthwaite's degrees of freedom (Welch 1947) for SD(first) / SD(second).

    Two ratios give the same degrees of freedom; the one nearest to equal spreads is taken.
    """

    def excess(ratio):
        a, b = ratio**2 / first, 1 / second
        return (a + b) ** 2 / (a**2 / (first - 1) + b**2 / (second - 1)) - df

    peak = np.sqrt(first * (first - 1) / (second * (second - 1)))
    return optimize.brentq(excess, *((peak, 10 * peak) if peak < 1 else (peak / 10, peak)))


def _histogram(n: int, mean: float, sd: float, settings: dict) -> np.ndarray:
    """Find the whole counts nearest to a beta distribution, given size, sum and (nearly) variance."""
    at = np.arange(settings["youngest"], settings["oldest"] + 1)
    k = len(at)
    centre = (mean - at[0] + 0.5) / k
    weight = centre * (1 - centre) / (sd / k) ** 2 - 1
    smooth = n * stats.beta.cdf(np.arange(1, k + 1) / k, centre * weight, (1 - centre) * weight)
    # Unknowns: the cumulative counts, then how far each is from the smooth curve.
    each, steps, none = np.eye(k), np.eye(k) - np.eye(k, k=-1), np.zeros(k)
    total, squares = round(n * mean), (n - 1) * sd**2 * np.array([1 - SPREAD_TOLERANCE, 1 + SPREAD_TOLERANCE])
    constraints = [
        (np.hstack([each, -each]), -np.inf, smooth),
        (np.hstack([each, each]), smooth, np.inf),
        (np.hstack([steps, 0 * each]), 0, np.inf),
        (np.r_[at @ steps, none], total, total),
        (np.r_[(at - total / n) ** 2 @ steps, none], *squares),
    ]
    prices = 1 + np.random.default_rng([settings["seed"], n]).random(k) / 100
    result = optimize.milp(
        np.r_[none, prices],
        constraints=constraints,
        bounds=optimize.Bounds(np.r_[none[1:], n, none], np.r_[none + n, none + np.inf]),
        integrality=np.r_[none + 1, none],
        options={"mip_rel_gap": 0},
    )
    if not result.success:
        raise ValueError(f"no {n} whole people have mean {mean:.2f} and sd {sd:.2f} from {at[0]} to {at[-1]}")
    return np.rint(steps @ result.x[:k]).astype(int)


def _refuse_gaps(questions: Questionnaire, margins: pd.DataFrame, rules: pd.DataFrame) -> None:
    """Raise ValueError listing each unknown code, and each option without a margin of its own."""
    problems = []
    for name, table in [("margins", margins), ("rules", rules)]:
        for row, question, answers in table[["question", "answer"]].itertuples(name=None):
            try:
                for answer in filter(None, answers.split("|")):
                    questions[question][answer]
            except ValueError as error:
                problems.append(f"{name}.csv row {row + 2}: {error}")
    given = set(margins.loc[margins["among"].eq(""), KEY[:3]].itertuples(index=False, name=None))
    for question in questions:
        for statement in [s.code for s in question.statements] or [""]:
            missing = [a.code for a in question.answers if (question.code, statement, a.code) not in given]
            if missing:
                problems.append(f"margins.csv lacks {question.column(statement)} {', '.join(missing)}")
    if problems:
        raise ValueError("the reconstruction doesn't fit the questionnaire:\n  " + "\n  ".join(problems))


def _invent(questions: Questionnaire, margins: pd.DataFrame, rules: pd.DataFrame, settings: dict) -> pd.DataFrame:
    """Answer every question in order; return typed responses with the derived variables."""
    people = pd.DataFrame(index=[f"R{number:04d}" for number in range(1, settings["respondents"] + 1)])
    for question in questions:
        asked = question.asked_if.holds(people, questions)
        answers = pd.DataFrame(NOT_ASKED, index=people.index, columns=[*question.columns])
        if question.kind == "text":
            answers[asked] = NO_ANSWER
        elif question.kind == "number":
            answers.loc[asked, question.code] = _numbers(people, questions, question.code, settings)
        else:
            for statement in [s.code for s in question.statements] or [""]:
                printed, barred = (
                    t[t["question"].eq(question.code) & t["statement"].eq(statement)] for t in (margins, rules)
                )
                ticks = _solve(people[asked], questions, question, statement, printed, barred, settings["seed"])
                if question.kind == "multiple":
                    answers.loc[asked] = np.where(ticks, TICKED, UNTICKED)
                else:
                    codes = np.array([a.code for a in question.options], dtype=object)
                    answers.loc[asked, question.column(statement)] = codes[ticks.argmax(axis=1)]
        for variable in (v for v in questions.derived if v.source == question.code):
            answers[variable.code] = NOT_ASKED
            for group, values in variable.values:
                answers.loc[instrument.matches(answers[question.code], values), variable.code] = group
        people = pd.concat([people, answers], axis=1)
    return people


def _numbers(people: pd.DataFrame, questions: Questionnaire, code: str, settings: dict) -> pd.Series:
    """Hand out the ages of each group at random: respondent → a whole number as text."""
    numbers = settings["numbers"][code] | {"seed": settings["seed"]}
    rng = np.random.default_rng([settings["seed"], *code.encode()])
    handed_out = []
    for among, counts in ages(numbers, numbers["reading"]).items():
        group = people.index[Condition.parse(among).holds(people, questions)]
        if len(group) != counts.sum():
            raise ValueError(f"{code}: {counts.sum()} numbers for {len(group)} people with {among}")
        handed_out.append(pd.Series(rng.permutation(np.repeat(counts.index, counts)).astype(str), index=group))
    return pd.concat(handed_out)


def _solve(
    people: pd.DataFrame, questions: Questionnaire, question: Question, statement: str,
    margins: pd.DataFrame, rules: pd.DataFrame, seed: int,
) -> np.ndarray:  # fmt: skip
    """Find who gives which answer: True or False, one row a person, one column an answer.

    Raises ValueError naming the margins that clash when no whole people fit.
    """
    codes = [a.code for a in (question.answers if question.kind == "multiple" else question.options)]
    column, form = question.column(statement), _form(question, codes, len(people))
    allowed = np.ones((len(people), len(codes)))
    for answers, only_if in rules[["answer", "only_if"]].itertuples(index=False):
        outside = ~Condition.parse(only_if).holds(people, questions).to_numpy()
        allowed[np.ix_(outside, np.isin(codes, answers.split("|")))] = 0
    equations, counts = [], margins["count"].astype(float).to_numpy()
    for answers, among in margins[["answer", "among"]].itertuples(index=False):
        group = Condition.parse(among).holds(people, questions).to_numpy()
        equations.append(np.outer(group, np.isin(codes, answers.split("|"))).ravel())
    equations = sparse.csr_matrix(np.array(equations, dtype=float))

    def attempt(rows, prices, allowed=allowed):
        wanted = [optimize.LinearConstraint(equations[rows], counts[rows], counts[rows])] if rows else []
        return optimize.milp(
            prices,
            integrality=1,
            bounds=optimize.Bounds(0, allowed.ravel()),
            constraints=[form, *wanted],
            options={"mip_rel_gap": 0},
        )

    prices = np.random.default_rng([seed, *column.encode()]).integers(1, DEAREST, size=allowed.size)
    rows = list(range(len(margins)))
    result = attempt(rows, prices)
    if result.status == INFEASIBLE:
        # Leave out one margin at a time: those that can't be missed are the clash.
        for row in list(rows):
            without = [r for r in rows if r != row]
            rows = without if attempt(without, 0 * prices).status == INFEASIBLE else rows
        without_rules = attempt(list(range(len(margins))), 0 * prices, np.ones_like(allowed)).success
        clash = margins.iloc[rows][["answer", "count", "among"]].itertuples(index=False, name=None)
        named = [f"{answer} = {n}" + (f" among {among}" if among else "") for answer, n, among in clash]
        raise ValueError(
            f"{column}: no {len(people)} whole people fit the rules and these margins together: "
            + ("; ".join(named) or "none at all, the rules leave somebody without an answer")
            + ". Without the rules they do: where print has it so, take a rule away in rules.csv" * without_rules
        )
    if not result.success:
        raise RuntimeError(f"{column}: {result.message}")
    return result.x.reshape(allowed.shape) > 0.5


def _form(question: Question, codes: list[str], n: int) -> optimize.LinearConstraint:
    """Say what a set of answers looks like for each of `n` people.

    Single: exactly one. Multiple: at least one option, an exclusive one alone, and of the
    names behind the option `other` at most one, by whoever ticked that option.
    """
    if question.kind != "multiple":
        return optimize.LinearConstraint(sparse.kron(sparse.eye(n), np.ones((1, len(codes)))), 1, 1)
    offered = np.array([not a.named_as for a in question.answers], dtype=float)
    patterns, low, high = [offered], [1], [np.inf]
    for answer in (a for a in question.options if a.exclusive):
        for other in (o for o in question.options if o is not answer):
            patterns.append(np.isin(codes, [answer.code, other.code]).astype(float))
            low.append(0)
            high.append(1)
    if question.named:
        patterns.append(1 - offered - np.isin(codes, question.text_answers[0].code))
        low.append(-1)
        high.append(0)
    patterns = sparse.kron(sparse.eye(n), np.array(patterns))
    return optimize.LinearConstraint(patterns, np.tile(low, n), np.tile(high, n))


def _export(people: pd.DataFrame, questions: Questionnaire, key: str) -> pd.DataFrame:
    """Write typed responses as an export would: all text, blank where not asked or not answered."""
    export, blank = {key: people.index}, pd.Series("", index=people.index)
    for question in questions:
        words = {NOT_ASKED: "", NO_ANSWER: ""} | ({TICKED: "1", UNTICKED: "0"} if question.kind == "multiple" else {})
        for column in question.export_columns:
            export[column] = people.get(column, blank).replace(words)
        for answer in question.named:
            written = export[question.text_column(question.text_answers[0].code)]
            written[people[question.column(answer.code)].eq(TICKED)] = answer.named_as
    return pd.DataFrame(export).reset_index(drop=True)


def _provenance(people: pd.DataFrame, questions: Questionnaire, margins: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """List where each count comes from: the margins, the derived groups, and the outcome by group."""
    known = {row[: len(KEY)]: row[len(KEY) :] for row in margins[KEY + ORIGIN].itertuples(index=False, name=None)}
    rows = dict(known)
    for variable in questions.derived:
        for answer, values in variable.values:
            rows[variable.code, "", answer, ""] = _origin(known, questions[variable.source], values, "")
    told = people[outcome].ne(NOT_ASKED)
    single = [(a.code, (a.code,)) for a in questions[outcome].options]
    targets: dict[str, Sequence[tuple[str, tuple[str, ...]]]] = {outcome: single}
    targets |= {v.code: v.values for v in questions.derived if v.source == outcome}
    for by in (*questions, *questions.derived):
        if by.kind != "single" or by.code in targets or people.loc[told, by.code].eq(NOT_ASKED).any():
            continue
        for group in (a.code for a in by.options if people.loc[told, by.code].eq(a.code).any()):
            source = f"{by.source}={'|'.join(dict(by.values)[group])}" if by.source else f"{by.code}={group}"
            for target, answers in targets.items():
                for answer, values in answers:
                    key = (target, "", answer, f"{by.code}={group}")
                    rows.setdefault(key, _origin(known, questions[outcome], values, source))
    counted = [(*key, *_count(people, questions, *key), *origin) for key, origin in rows.items()]
    return pd.DataFrame(counted, columns=[*KEY, "count", "base", *ORIGIN])


def _origin(known: dict, question: Question, answers: tuple[str, ...], among: str) -> tuple:
    """Say where a count comes from: printed as such, a sum or a remainder of what is settled, or unpublished."""
    direct = known.get((question.code, "", "|".join(answers), among))
    if direct:
        return direct
    rest = [a.code for a in question.options if a.code not in answers]
    for parts, note in [(answers, "Sum of settled counts"), (rest, "Base less settled counts")]:
        origins = [known.get((question.code, "", part, among), ("unpublished",))[0] for part in parts]
        if origins and not {"pictured", "unpublished"} & set(origins):
            return "derived", "", "", note
    return "unpublished", "", "", "Not in the report"


def _count(
    people: pd.DataFrame, questions: Questionnaire, code: str, statement: str, answer: str, among: str
) -> tuple[int, int]:
    """Count who gave one of the answers (blank: any), and who was asked, where a condition holds."""
    question = questions[code]
    several = question.kind == "multiple"
    group = people[Condition.parse(among).holds(people, questions)]
    cells = group[question.column(answer if several else statement)]
    asked = cells.ne(NOT_ASKED)
    given = cells.isin([TICKED] if several else answer.split("|")) if answer else asked
    return int(given.sum()), int(asked.sum())
