"""Read a piece of HTML as a person's program would: its words, and whether it is well made."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The text of a piece of HTML, its header cells, and whether every tag is closed in order."""

    VOID = {"br", "hr"}

    def __init__(self, html):
        super().__init__()
        self.text, self.headers, self.tables, self.captions, self.open = [], [], 0, 0, []
        self.feed(html)
        assert not self.open
        self.words = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attrs):
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "th":
            self.headers.append(dict(attrs).get("scope"))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def well_made(html):
    """Hold HTML to what every table of the book has: a caption, scoped headers, tags closed in order."""
    page = Page(html)
    assert page.tables == page.captions
    assert set(page.headers) <= {"col", "row", "rowgroup"}
    return page
