"""What the fork server has ready in its memory: every module of the sandbox, and the grammars it reads queries with."""

import connectors.sandbox.dataverse.environment
import connectors.sandbox.salesforce.org
import connectors.sandbox.server  # noqa: F401
from connectors.sandbox.dataverse.odata import parse as odata
from connectors.sandbox.salesforce.soql import parse as soql

odata.parse_filter("name eq 'x'")
soql.parse("SELECT Id FROM Account")
