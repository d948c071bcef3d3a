CREATE TABLE "leases" (
	"job" text COLLATE "C" PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"until_ms" bigint NOT NULL,
	"done_at_ms" bigint
);
