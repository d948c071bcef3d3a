DROP INDEX `comments_public`;--> statement-breakpoint
ALTER TABLE `comments` ADD `published_revision` integer;--> statement-breakpoint
ALTER TABLE `comments` ADD `decided_at_ms` integer;--> statement-breakpoint
UPDATE `comments` SET `published_revision` = `published_at_ms`, `decided_at_ms` = (SELECT decided_at_ms FROM decisions WHERE comment_id = comments.id AND decisions.version = comments.version) WHERE `status` <> 'pending';--> statement-breakpoint
CREATE INDEX `comments_published` ON `comments` (`article_id`,`published_revision`,`id`) WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX `comments_by_decision` ON `comments` (`status`,`decided_at_ms`,`id`) WHERE decided_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `comments_by_article_decision` ON `comments` (`article_id`,`status`,`decided_at_ms`,`id`) WHERE decided_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `comments_public` ON `comments` (`article_id`,`id`,`parent_id`,`author_name`,`body`,`submitted_at_ms`,`published_at_ms`,`published_revision`) WHERE status = 'approved';--> statement-breakpoint
ALTER TABLE `decisions` ADD `rejected_with` text;--> statement-breakpoint
ALTER TABLE `decisions` ADD `rejected_with_version` integer;--> statement-breakpoint
CREATE INDEX `decisions_by_rejected_with` ON `decisions` (`rejected_with`) WHERE rejected_with IS NOT NULL;