CREATE TABLE "articles" (
	"article_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"approved_count" bigint NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"article_id" text COLLATE "C" NOT NULL,
	"parent_id" text COLLATE "C",
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"author_name" text,
	"author_email" text,
	"body" text,
	"submitted_at_ms" bigint NOT NULL,
	"published_at_ms" bigint,
	"receipt_hash" text NOT NULL,
	CONSTRAINT "comments_status" CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
	CONSTRAINT "comments_erased_when_withdrawn" CHECK ((status = 'withdrawn') = (author_name IS NULL) AND (author_name IS NULL) = (author_email IS NULL) AND (author_name IS NULL) = (body IS NULL))
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"comment_id" text COLLATE "C" NOT NULL,
	"version" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"action" text NOT NULL,
	"decided_by" text,
	"reason" text,
	"note" text,
	"decided_at_ms" bigint NOT NULL,
	CONSTRAINT "decisions_comment_id_version_pk" PRIMARY KEY("comment_id","version"),
	CONSTRAINT "decisions_action" CHECK (action IN ('approve', 'reject', 'withdraw'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_records" (
	"key_hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"salt" text NOT NULL,
	"fingerprint" text NOT NULL,
	"comment_id" text COLLATE "C" NOT NULL,
	"language" text NOT NULL,
	"expires_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "request_counts" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hits" integer NOT NULL,
	"resets_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"scopes" text NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint,
	"last_used_at_ms" bigint,
	"revoked_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "totals" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_article_id_articles_article_id_fk" FOREIGN KEY ("article_id") REFERENCES "articles"("article_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_comment_id_comments_id_fk" FOREIGN KEY ("comment_id") REFERENCES "comments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_records" ADD CONSTRAINT "idempotency_records_comment_id_comments_id_fk" FOREIGN KEY ("comment_id") REFERENCES "comments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "comments_by_article" ON "comments" USING btree ("article_id","status","id");--> statement-breakpoint
CREATE INDEX "comments_public" ON "comments" USING btree ("article_id","id") WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX "comments_by_status" ON "comments" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "comments_by_parent" ON "comments" USING btree ("parent_id") WHERE parent_id IS NOT NULL AND status <> 'pending';--> statement-breakpoint
CREATE INDEX "idempotency_records_by_expiry" ON "idempotency_records" USING btree ("expires_at_ms");--> statement-breakpoint
CREATE INDEX "idempotency_records_by_comment" ON "idempotency_records" USING btree ("comment_id");--> statement-breakpoint
CREATE INDEX "request_counts_by_reset" ON "request_counts" USING btree ("resets_at_ms");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_by_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_by_active_name" ON "tokens" USING btree ("name") WHERE revoked_at_ms IS NULL;--> statement-breakpoint
INSERT INTO "totals" ("name", "value") VALUES ('pending', 0);
