CREATE TABLE accounts (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name      text NOT NULL UNIQUE,
    currency  text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    balance   bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),
    opened_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE transfers (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source    uuid NOT NULL REFERENCES accounts,
    target    uuid NOT NULL REFERENCES accounts,
    amount    bigint NOT NULL CHECK (amount > 0),
    reference text,
    made_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE entries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer_id uuid NOT NULL REFERENCES transfers,
    account_id  uuid NOT NULL REFERENCES accounts,
    amount      bigint NOT NULL CHECK (amount <> 0),
    made_at     timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX entries_account_idx ON entries (account_id, id DESC);
