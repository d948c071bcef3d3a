CREATE TABLE `articles` (
	`article_id` text PRIMARY KEY NOT NULL,
	`approved_count` integer NOT NULL,
	`revision` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `comments` (
	`id` text PRIMARY KEY NOT NULL,
	`article_id` text NOT NULL,
	`parent_id` text,
	`status` text NOT NULL,
	`version` integer NOT NULL,
	`author_name` text,
	`author_email` text,
	`body` text,
	`submitted_at_ms` integer NOT NULL,
	`published_at_ms` integer,
	`receipt_hash` text NOT NULL,
	FOREIGN KEY (`article_id`) REFERENCES `articles`(`article_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "comments_status" CHECK(status IN ('pending', 'approved', 'rejected', 'withdrawn')),
	CONSTRAINT "comments_erased_when_withdrawn" CHECK((status = 'withdrawn') = (author_name IS NULL) AND (author_name IS NULL) = (author_email IS NULL) AND (author_name IS NULL) = (body IS NULL))
) STRICT;
--> statement-breakpoint
CREATE INDEX `comments_by_article` ON `comments` (`article_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `comments_public` ON `comments` (`article_id`,`id`,`parent_id`,`author_name`,`body`,`submitted_at_ms`,`published_at_ms`) WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX `comments_by_status` ON `comments` (`status`,`id`);--> statement-breakpoint
CREATE INDEX `comments_by_parent` ON `comments` (`parent_id`) WHERE parent_id IS NOT NULL AND status <> 'pending';--> statement-breakpoint
CREATE TABLE `decisions` (
	`comment_id` text NOT NULL,
	`version` integer NOT NULL,
	`id` text NOT NULL,
	`action` text NOT NULL,
	`decided_by` text,
	`reason` text,
	`note` text,
	`decided_at_ms` integer NOT NULL,
	PRIMARY KEY(`comment_id`, `version`),
	FOREIGN KEY (`comment_id`) REFERENCES `comments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "decisions_action" CHECK(action IN ('approve', 'reject', 'withdraw'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `idempotency_records` (
	`key_hash` text PRIMARY KEY NOT NULL,
	`salt` text NOT NULL,
	`fingerprint` text NOT NULL,
	`comment_id` text NOT NULL,
	`language` text NOT NULL,
	`expires_at_ms` integer NOT NULL,
	FOREIGN KEY (`comment_id`) REFERENCES `comments`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `idempotency_records_by_expiry` ON `idempotency_records` (`expires_at_ms`);--> statement-breakpoint
CREATE INDEX `idempotency_records_by_comment` ON `idempotency_records` (`comment_id`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`hash` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`last_used_at_ms` integer,
	`revoked_at_ms` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_by_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_by_active_name` ON `tokens` (`name`) WHERE revoked_at_ms IS NULL;--> statement-breakpoint
CREATE TABLE `totals` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `totals` (`name`, `value`) VALUES ('pending', 0);
