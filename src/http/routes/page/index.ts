import type { Route } from '../../route.ts'
import { readThread } from './read-thread.ts'
import { readThreadPage } from './read-thread-page.ts'
import { submitThreadForm } from './submit-thread-form.ts'

export const pageRoutes: readonly Route[] = [readThread, readThreadPage, submitThreadForm]
