ALTER TABLE `claims` ADD `call` text;--> statement-breakpoint
CREATE INDEX `comments_pending_replies` ON `comments` (`parent_id`,`id`) WHERE parent_id IS NOT NULL AND status = 'pending';--> statement-breakpoint
CREATE INDEX `comments_by_author` ON `comments` (`author_email`,`id`) WHERE author_email IS NOT NULL;