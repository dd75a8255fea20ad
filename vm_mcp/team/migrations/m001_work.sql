-- What the work needs beside procrastinate's tables. No row-level security: there is no name, number or word in these
-- tables, and whoever looks for what is due looks at all accounts.

-- When each account is asked for new messages. `listed_until`: all messages up to then were listed, by the PBX's clock.
CREATE TABLE account_polls (
    account text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL,
    listed_until timestamptz,
    polled_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    kind text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT ''
);
CREATE INDEX account_polls_next_at ON account_polls (next_at);

-- The vendor's limit of requests, an account; see `vm_mcp.team.shared_turns`.
CREATE TABLE request_turns (
    account text COLLATE "C" PRIMARY KEY,
    free_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Why a job failed, in words of ours, and how often it and its workers did.
CREATE TABLE job_failures (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs ON DELETE CASCADE,
    failures integer NOT NULL DEFAULT 0,
    deaths integer NOT NULL DEFAULT 0,
    kind text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT '',
    failed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX procrastinate_jobs_message ON procrastinate_jobs ((args->>'account'), (args->>'uuid'));
