"""What every picture is asked: is it whole XML, harmless, and told in words?"""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {"svg", "title", "desc", "g", "rect", "circle", "line", "path", "text", "a", "style"}
BAIT = "<script>alert(1)</script>\"' onload=alert(2) &amp; ]]> \x00\x0b\ud83d\u202e\ufffe javascript:alert(3)"


def whole(picture: str) -> ElementTree.Element:
    """The picture as a tree: named, described, with nothing in it that runs or loads."""
    root = ElementTree.fromstring(picture.encode())
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert all("".join(child.itertext()).strip() for child in list(root)[:2])
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in HARMLESS, element.tag
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), name
            assert name not in ("style", "src")
            assert not name.endswith("}href")
            assert name != "href" or (value.startswith("/") and not value.startswith("//")), value
            assert "url(" not in value
    return root


def texts(root: ElementTree.Element) -> list[str]:
    """What the eye reads."""
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
