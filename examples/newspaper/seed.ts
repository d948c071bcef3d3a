export type Written = { name: string; body: string; replies?: readonly Written[] }

const articles: Readonly<
  Record<string, { title: string; approved: readonly Written[]; waiting: readonly Written[] }>
> = {
  'pourquoi-nous-imprimons': {
    title: 'Pourquoi nous imprimons encore',
    approved: [
      {
        name: 'Marguerite Aubin',
        body: 'J’habite au troisième depuis 1998. La voix dans l’escalier, c’était la mienne, les deux premières années. Aujourd’hui, c’est le silence du dimanche qui me réveille.',
        replies: [
          {
            name: 'Hélène Vasseur',
            body: 'Chère Madame, la rédaction vous doit un café depuis vingt-huit ans. Il sera prêt à deux heures.',
            replies: [{ name: 'Marguerite Aubin', body: 'J’apporterai les croissants.' }],
          },
        ],
      },
      {
        name: 'Paul-Émile Roche',
        body: 'Le rectificatif à la même place : voilà ce que je n’ai jamais trouvé sur un écran.\n\nMerci de l’écrire aussi simplement.',
      },
      {
        name: 'Sofia',
        body: 'Et ceux qui habitent trop loin pour recevoir le papier ? Je lis la Gazette depuis Lisbonne, à minuit justement.',
        replies: [
          {
            name: 'Jean Tissot',
            body: 'Par la poste, avec deux jours de retard. Les nouvelles du val n’en souffrent pas : https://fr.wikipedia.org/wiki/Presse_écrite',
          },
        ],
      },
    ],
    waiting: [{ name: 'Luc', body: 'On peut vraiment visiter ? J’ai frappé mardi, personne n’a ouvert.' }],
  },
  'le-dernier-bac': {
    title: 'Le dernier bac de la rivière',
    approved: [{ name: 'Odile Perrin', body: 'Le piano, c’était le nôtre. Il est arrivé accordé.' }],
    waiting: [],
  },
  'une-heure-sans-ecran': { title: 'Au lycée, une heure sans écran', approved: [], waiting: [] },
}

/** Tells the service of the articles, and lets some readers have written; the last of them waits for a moderator. */
export async function seed(service: string, moderatorToken: string, site: string): Promise<void> {
  const { tell, publish, submit } = moderatorOf(service, moderatorToken)
  for (const [articleId, { title, approved, waiting }] of Object.entries(articles)) {
    await tell(articleId, { title, url: `${site}/${articleId}` })
    await publish(articleId, approved)
    for (const one of waiting) await submit(articleId, one)
  }
}

/** Who may do all of it. */
export function moderatorOf(service: string, token: string) {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${service}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return response.json() as Promise<{ id: string }>
  }
  const tell = (articleId: string, article: { title: string; url: string }) =>
    call('PUT', `/moderation/articles/${articleId}`, article)
  const submit = (articleId: string, { name, body }: Written, parentId: string | null = null) =>
    call('POST', `/articles/${articleId}/comments`, {
      author: { name, email: 'reader@example.org' },
      body,
      parentId,
    })
  const publish = async (
    articleId: string,
    written: readonly Written[],
    parentId: string | null = null,
  ): Promise<void> => {
    for (const one of written) {
      const { id } = await submit(articleId, one, parentId)
      await call('POST', `/moderation/comments/${id}/approve`)
      await publish(articleId, one.replies ?? [], id)
    }
  }
  return { tell, submit, publish }
}
