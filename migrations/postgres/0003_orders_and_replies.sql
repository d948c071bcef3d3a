ALTER TABLE "comments" ADD COLUMN "published_revision" bigint;--> statement-breakpoint
ALTER TABLE "comments" ADD COLUMN "decided_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "rejected_with" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "rejected_with_version" integer;--> statement-breakpoint
UPDATE "comments" SET "published_revision" = "published_at_ms", "decided_at_ms" = (SELECT decided_at_ms FROM decisions WHERE comment_id = comments.id AND decisions.version = comments.version) WHERE "status" <> 'pending';--> statement-breakpoint
CREATE INDEX "comments_published" ON "comments" USING btree ("article_id","published_revision","id") WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX "comments_by_decision" ON "comments" USING btree ("status","decided_at_ms","id") WHERE decided_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX "comments_by_article_decision" ON "comments" USING btree ("article_id","status","decided_at_ms","id") WHERE decided_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX "decisions_by_rejected_with" ON "decisions" USING btree ("rejected_with") WHERE rejected_with IS NOT NULL;