CREATE TABLE "claims" (
	"comment_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"claimed_by" text COLLATE "C" NOT NULL,
	"until_ms" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "decisions" DROP CONSTRAINT "decisions_action";--> statement-breakpoint
DROP INDEX "comments_by_parent";--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "reason_code" text;--> statement-breakpoint
ALTER TABLE "decisions" ALTER COLUMN "decided_by" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "position" bigint;--> statement-breakpoint
UPDATE "decisions" SET "position" = numbered.position FROM (SELECT comment_id, version, row_number() OVER (ORDER BY decided_at_ms, id, comment_id, version) AS position FROM "decisions") AS numbered WHERE "decisions".comment_id = numbered.comment_id AND "decisions".version = numbered.version;--> statement-breakpoint
ALTER TABLE "decisions" ALTER COLUMN "position" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "decisions" DROP CONSTRAINT "decisions_comment_id_version_pk";--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_comment_id_position_pk" PRIMARY KEY("comment_id","position");--> statement-breakpoint
CREATE INDEX "claims_by_holder" ON "claims" USING btree ("claimed_by","until_ms");--> statement-breakpoint
CREATE INDEX "claims_by_end" ON "claims" USING btree ("until_ms");--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_by_version" ON "decisions" USING btree ("comment_id","version") WHERE action <> 'note';--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_by_position" ON "decisions" USING btree ("position");--> statement-breakpoint
CREATE INDEX "decisions_by_decider" ON "decisions" USING btree ("decided_by","position");--> statement-breakpoint
CREATE INDEX "decisions_by_moment" ON "decisions" USING btree ("decided_at_ms");--> statement-breakpoint
CREATE INDEX "comments_by_parent" ON "comments" USING btree ("parent_id") WHERE parent_id IS NOT NULL AND (status <> 'pending' OR version > 1);--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_action" CHECK (action IN ('approve', 'reject', 'reopen', 'withdraw', 'erase', 'note'));--> statement-breakpoint
INSERT INTO "totals" ("name", "value") VALUES
	('approved', (SELECT count(*) FROM comments WHERE status = 'approved')),
	('rejected', (SELECT count(*) FROM comments WHERE status = 'rejected')),
	('withdrawn', (SELECT count(*) FROM comments WHERE status = 'withdrawn')),
	('decisions', (SELECT count(*) FROM decisions)),
	('claims', 0);
