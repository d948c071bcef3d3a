ALTER TABLE `articles` ADD `title` text;--> statement-breakpoint
ALTER TABLE `articles` ADD `url` text;--> statement-breakpoint
ALTER TABLE `articles` ADD `published_at_ms` integer;--> statement-breakpoint
ALTER TABLE `articles` ADD `closed_at_ms` integer;--> statement-breakpoint
ALTER TABLE `articles` ADD `first_comment_at_ms` integer;--> statement-breakpoint
ALTER TABLE `articles` ADD `moved_to` text;--> statement-breakpoint
ALTER TABLE `articles` ADD `moving_from` text;--> statement-breakpoint
CREATE INDEX `articles_by_moved_to` ON `articles` (`moved_to`) WHERE moved_to IS NOT NULL;--> statement-breakpoint
CREATE INDEX `articles_by_moving_from` ON `articles` (`moving_from`) WHERE moving_from IS NOT NULL;--> statement-breakpoint
UPDATE `articles` SET `first_comment_at_ms` = (SELECT min(submitted_at_ms) FROM comments WHERE comments.article_id = articles.article_id);
