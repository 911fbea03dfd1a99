"""The line by which a cell says in which kinds of edition it stands."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from analysis import standing
from analysis.build import links, settings
from analysis.show.door import PassBy


def cell(source, kind="markdown"):
    return {"cell_type": kind, "source": source, "metadata": {}}


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("*In: reference, report*\n\nWords.", ("reference", "report")),
        ("# In: practice\nshow(use)", ("practice",)),
        ("# In: practice", ("practice",)),
        ("Words.\n\n*In: reference*", ()),
        ("**In: reference**", ()),
        ("", ()),
    ],
)
def test_a_cell_says_in_its_first_line_where_it_stands(source, kinds):
    assert standing.kinds(source) == kinds
    assert standing.stands(source, "") and all(standing.stands(source, kind) for kind in kinds)
    assert standing.stands(source, "wave") is not bool(kinds)


def test_what_is_left_of_a_chapter():
    cells = [
        cell("# In: report\nx = 1", "code"),
        cell("*In: reference*\n\nInvented."),
        cell("*In: report, wave*\n\nPeople."),
        cell("All."),
    ]
    kept = standing.leave_out({"cells": json.loads(json.dumps(cells))}, "report")["cells"]
    assert [c["source"] for c in kept] == ["# In: report\nx = 1", "People.", "All."]
    assert standing.leave_out({"cells": json.loads(json.dumps(cells))}, "")["cells"] == cells
    assert standing.there({"cells": cells}, "report") and not standing.there({"cells": cells}, "wave")


def test_each_kind_that_there_is_not_is_named_with_its_cell():
    notebook = {"cells": [cell("All."), cell("*In: reference, rapport*\n\nWords.")]}
    assert standing.problems(notebook, ["reference", "report"]) == [
        'cell 2 stands in "rapport", which is no kind of edition; there are reference, report'
    ]


def test_by_hand_a_cell_of_another_kind_says_so_in_one_line_and_does_not_run(capsys):
    passes = PassBy("practice")
    lines = ["# In: reference, report\n", "raise ValueError\n"]
    exec("".join(passes(lines)), {})
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "reference, report" in said and "practice" in said
    assert passes(["# In: practice\n", "x = 1\n"]) == ["# In: practice\n", "x = 1\n"]


def test_in_a_kernel_such_a_cell_does_not_fail_and_the_next_one_runs(capsys):
    shell = InteractiveShell()
    shell.input_transformers_cleanup.append(PassBy("practice"))
    assert shell.run_cell("# In: reference, report\nraise ValueError").success
    assert "reference, report" in capsys.readouterr().out
    assert not shell.run_cell("# In: practice\nraise ValueError").success
    assert shell.run_cell("x = 1").success and shell.user_ns["x"] == 1


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("See [the *audit*](audit.ipynb) and [use](use.ipynb#age).", "See the *audit* and [use](use.ipynb#age)."),
        ("[a [b] c](audit.ipynb#x), ![audit](audit.png)", "a [b] c, ![audit](audit.png)"),
        ("[elsewhere](https://example.org/audit.html)", "[elsewhere](https://example.org/audit.html)"),
    ],
)
def test_a_link_to_a_page_that_is_not_there_is_plain_text(source, left):
    assert links.without(source, "chapters/use", {"chapters/audit"}, {}) == left
    assert links.without(source, "chapters/use", set(), {}) == source


def test_a_link_to_a_page_that_is_elsewhere_leads_there_or_says_what_makes_it():
    source, absent = "[Try it](../exercises/use.ipynb) or [ours](use.ipynb)", {"exercises/use"}
    ours = " or [ours](use.ipynb)"
    made = links.without(source, "chapters/use", absent, {"exercises": "make book WAVE=x"})
    assert made == "Try it (`make book WAVE=x`)" + ours
    there = links.without(source, "chapters/use", absent, {"exercises": "https://example.org/book/"})
    assert there == "[Try it](https://example.org/book/exercises/use.html)" + ours
    assert links.without(source, "chapters/use", absent, {}) == "Try it" + ours
    assert links.without(source, "exercises/use", set(), {}) == source


def test_a_link_in_an_output_is_plain_text_too():
    html = '<p><a class="x" href="audit.html#claim-1"><code>c</code></a> <a href="use.html">use</a></p>'
    output = {"output_type": "display_data", "data": {"text/html": html}}
    left = links.without_in(output, "chapters/use", {"chapters/audit"})
    assert left["data"]["text/html"] == '<p><code>c</code> <a href="use.html">use</a></p>'
    assert output["data"]["text/html"] == html


def test_the_values_of_a_chapter_are_those_of_its_parameters_and_what_was_put_in():
    cells = [
        {"cell_type": "code", "source": 'wave = "a"\nlanguage = "nl"', "metadata": {"tags": ["parameters"]}},
        {"cell_type": "code", "source": 'wave = "b"', "metadata": {"tags": ["injected-parameters"]}},
        {"cell_type": "code", "source": 'wave = "c"\nother = 1', "metadata": {}},
        {"cell_type": "markdown", "source": 'wave = "d"', "metadata": {"tags": ["parameters"]}},
    ]
    assert settings.values({"cells": cells}) == {"wave": "b", "language": "nl"}
