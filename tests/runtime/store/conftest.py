import pytest
from tramo.store.database import open_database

from tests.postgres import postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The address of a fresh database: None for a file."""
    if request.param == "sqlite":
        yield None
    else:
        with postgres_url() as url:
            yield url


@pytest.fixture
async def database(tmp_path, database_url):
    database = await open_database(tmp_path, database_url)
    yield database
    await database.close()
