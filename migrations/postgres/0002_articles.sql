ALTER TABLE "articles" ADD COLUMN "title" text;--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "url" text;--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "published_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "closed_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "first_comment_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "moved_to" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "articles" ADD COLUMN "moving_from" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "articles_by_moved_to" ON "articles" USING btree ("moved_to") WHERE moved_to IS NOT NULL;--> statement-breakpoint
CREATE INDEX "articles_by_moving_from" ON "articles" USING btree ("moving_from") WHERE moving_from IS NOT NULL;--> statement-breakpoint
UPDATE "articles" SET "first_comment_at_ms" = (SELECT min(submitted_at_ms) FROM comments WHERE comments.article_id = articles.article_id);
