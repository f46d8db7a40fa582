"""Transfers against a real database, named by DATABASE_URL."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from ledger.app import create_app
from ledger.settings import LedgerSettings

pytestmark = pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="DATABASE_URL is not set")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("sys.argv", ["ledger"])
    with TestClient(create_app(LedgerSettings())) as opened:
        yield opened


def opened_account(client: TestClient, balance: int) -> str:
    body = {"name": str(uuid4()), "currency": "EUR", "balance": balance}
    return str(client.post("/accounts", json=body).json()["id"])


def test_a_transfer_moves_both_balances(client: TestClient) -> None:
    source, target = opened_account(client, 10), opened_account(client, 0)
    answer = client.post("/transfers", json={"source": source, "target": target, "amount": 4})
    assert answer.status_code == 201
    assert client.get(f"/accounts/{source}").json()["balance"] == 6
    assert client.get(f"/accounts/{target}").json()["balance"] == 4


def test_nobody_is_overdrawn(client: TestClient) -> None:
    source, target = opened_account(client, 3), opened_account(client, 0)
    answer = client.post("/transfers", json={"source": source, "target": target, "amount": 4})
    assert answer.status_code == 409
    assert answer.json() == {"code": "INSUFFICIENT_FUNDS", "balance": 3, "amount": 4}
    assert client.get(f"/accounts/{target}/statement").json()["items"] == []
