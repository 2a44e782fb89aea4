"""Commands forked for the demonstration are the commands: their words, their environment, their exit codes."""

from pathlib import Path

from orchestration.forked import guanxi

CONFIG = '[crm.sales_cloud]\nkind = "salesforce"\ninstance_url = "env:URL"\nclient_id = "x"\nclient_secret = "env:SECRET"\n'


def test_a_forked_command_gets_its_words_and_variables_and_ends_with_its_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "guanxi.toml"
    file.write_text(CONFIG, encoding="utf-8")
    variables = {"GUANXI_CONFIG": str(file), "SECRET": "x"}
    assert guanxi(["status", "--no-such-option"], variables) == 2
    assert guanxi(["status"], variables) == 2, "the URL is missing"
    assert guanxi(["status"], {**variables, "URL": "http://127.0.0.1:9"}) == 0
