"""What the definitions of an environment say about a column we write."""

import pytest

from connectors.dynamics.inventory import FoundColumn

OURS = (765430000, 765430001, 765430002, 765430003)


@pytest.mark.parametrize("options", [(*OURS, 100000000), (100000000, *OURS), (100000000, *OURS[::-1]), (100000001, 100000000, *OURS)])
def test_an_option_an_administrator_added_does_not_take_the_place_of_ours_wherever_it_stands(options: tuple[int, ...]) -> None:
    found = FoundColumn("gx_closeness_grade", "Picklist", True, False, "id", {}, options)
    assert tuple(found.option(place) for place in range(4)) == OURS
    assert found.option(4) is None


def test_options_made_by_several_publishers_are_told_by_their_last_four_digits() -> None:
    found = FoundColumn("gx_closeness_grade", "Picklist", True, False, "id", {}, (100000000, 200000001))
    assert [found.option(place) for place in range(3)] == [100000000, 200000001, None]
