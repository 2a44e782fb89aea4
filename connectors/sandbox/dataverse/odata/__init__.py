"""OData as Dataverse speaks it: query options and keys by one grammar (`parse`), turned into SQL (`scope`, `conditions`)."""
