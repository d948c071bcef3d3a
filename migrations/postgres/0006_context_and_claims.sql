ALTER TABLE "comments" ALTER COLUMN "author_email" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "claims" ADD COLUMN "call" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "comments_pending_replies" ON "comments" USING btree ("parent_id","id") WHERE parent_id IS NOT NULL AND status = 'pending';--> statement-breakpoint
CREATE INDEX "comments_by_author" ON "comments" USING btree ("author_email","id") WHERE author_email IS NOT NULL;