-- Which API keys belong to an account's archive, as digests: a key that was put into the wrong place must not fill it
-- with another business's callers. An account's rows alone, whatever mailboxes somebody may see.
CREATE TABLE account_keys (
    account text COLLATE "C" NOT NULL DEFAULT current_account() CHECK (account <> ''),
    key_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, key_id)
);
ALTER TABLE account_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY visible ON account_keys USING (account = (SELECT current_account()));
