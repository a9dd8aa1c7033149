"""Which areas `--raum` means."""

import pytest

from analysis.batch.raeume import chosen
from analysis.errors import InputError
from analysis.store import Store


@pytest.fixture
def store(whole_store):
    with Store(whole_store) as opened:
        yield opened


def test_keys_and_words_name_areas(store):
    found = chosen(store, ["99099004", "99099.nord"], ["99099"])
    assert list(found) == ["99099"] and list(found["99099"]) == ["99099004", "99099.nord"]
    assert found["99099"]["99099.nord"] == "Kreisstadt Nord" and found["99099"]["99099004"].startswith("Nebelroda")
    assert len(chosen(store, ["gemeinden"], ["99099"])["99099"]) == 30
    assert len(chosen(store, ["planungsraeume"], ["99099"])["99099"]) == 8
    both = chosen(store, ["planungsraeume", "gemeinden", "99099.nord", "99099004"], ["99099"])["99099"]
    assert len(both) == 38


def test_words_mean_the_areas_of_the_kreise_that_have_some(store):
    assert list(chosen(store, ["gemeinden"], ["16077", "99099"])) == ["99099"]


@pytest.mark.parametrize(
    ("wanted", "kreise", "message"),
    [
        (["99099031"], ["99099"], "'99099031': the store holds no such area; did you mean 99099030"),
        (["99099.nort"], ["99099"], r"'99099.nort': .*did you mean 99099\.nord \(Kreisstadt Nord\)"),
        (["16077001"], ["16077", "99099"], "'16077001': the store holds no such area"),
        (["99099004"], ["16077"], "'99099004' belongs to 99099, which is not among the Kreise of this run"),
        (["99099"], ["99099"], "'99099' is no Gemeinde and no Planungsraum; expected 16077001 or 16077.nord"),
        (["99099030.suessholzroda"], ["99099"], "is no Gemeinde and no Planungsraum"),
        (["16999001"], ["16077"], "16999"),
        (["doerfer"], ["99099"], "'doerfer'"),
        ([""], ["99099"], "''"),
        (["gemeinden"], ["16077", "16070"], "--raum gemeinden: the store holds no such areas of 16077, 16070"),
        (["planungsraeume"], [], "the store holds no such areas of any Kreis"),
    ],
)
def test_what_is_no_area_of_the_run_is_named_in_one_sentence(store, wanted, kreise, message):
    with pytest.raises(InputError, match=message) as error:
        chosen(store, wanted, kreise)
    assert "\n" not in str(error.value)


def test_one_wrong_key_among_right_ones_is_refused(store):
    with pytest.raises(InputError, match="99099099"):
        chosen(store, ["99099001", "99099099", "99099.nord"], ["99099"])
