ALTER TABLE `comments` DROP CONSTRAINT "comments_erased_when_withdrawn";--> statement-breakpoint
ALTER TABLE `comments` ADD CONSTRAINT "comments_erased_when_withdrawn" CHECK ((status = 'withdrawn') = (author_name IS NULL) AND (author_name IS NULL) = (body IS NULL) AND (author_name IS NOT NULL OR author_email IS NULL));
