"""Money moved from one account to another: two entries that sum to zero."""

from uuid import UUID

from sqlalchemy import case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.models import Account, Entry, Transfer
from ledger.schemas import NewTransfer
from shared.problems import Problem


class AccountNotFound(Exception):
    def __init__(self, account: UUID) -> None:
        super().__init__(account)
        self.account = account


class InsufficientFunds(Exception):
    def __init__(self, balance: int, amount: int) -> None:
        super().__init__(balance, amount)
        self.balance, self.amount = balance, amount


async def transfer(session: AsyncSession, order: NewTransfer) -> Transfer:
    """The transfer made; both accounts are locked in the order of their keys, so that no two transfers deadlock."""
    both = select(Account).where(Account.id.in_([order.source, order.target]))
    locked = await session.scalars(both.order_by(Account.id).with_for_update())
    accounts = {account.id: account for account in locked}
    for account in (order.source, order.target):
        if account not in accounts:
            raise AccountNotFound(account)
    source, target = accounts[order.source], accounts[order.target]
    if source.currency != target.currency:
        raise Problem(409, "CURRENCIES_DIFFER", "the accounts are of different currencies")
    if source.balance < order.amount:
        raise InsufficientFunds(source.balance, order.amount)
    made = await session.scalar(insert(Transfer).values(**order.model_dump()).returning(Transfer))
    await session.execute(
        insert(Entry).values(
            [
                {"transfer_id": made.id, "account_id": order.source, "amount": -order.amount},
                {"transfer_id": made.id, "account_id": order.target, "amount": order.amount},
            ]
        )
    )
    change = case((Account.id == order.source, -order.amount), else_=order.amount)
    if order.source == order.target:
        change = 0
    await session.execute(
        update(Account)
        .where(Account.id.in_([order.source, order.target]))
        .values(balance=Account.balance + change)
        .execution_options(synchronize_session=False)
    )
    return made
