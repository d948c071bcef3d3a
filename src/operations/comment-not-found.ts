import { refused } from '../domain/refusal.ts'

export const commentNotFound = refused('comment-not-found', 'There is no comment with this id.')
