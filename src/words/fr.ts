import type { Words } from './en.ts'

export const fr: Words = {
  submitted: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',

  comments: { one: 'Commentaire {n}', many: 'Commentaires {n}', other: 'Commentaires {n}' },
  none: "Il n'y a actuellement aucun commentaire concernant cet article.",
  beFirst: 'Soyez le premier à donner votre avis !',
  closed: 'Cet article ne reçoit plus de commentaires.',
  commentsOn: 'Commentaires sur {title}',
  commentsOfSite: 'Commentaires',
  backToArticle: "Retour à l'article",
  notTaken: "Votre commentaire n'a pas pu être envoyé. Veuillez revenir au formulaire et réessayer.",
  feed: 'Commentaires en flux Atom',

  leaveComment: 'Laisser un commentaire',
  replyTo: 'Répondre à {name}',
  allRequired: 'Tous les champs sont obligatoires.',
  name: 'Nom',
  email: 'Email',
  emailHint: 'Votre email ne sera pas affiché publiquement.',
  body: 'Commentaire',
  send: 'Envoyer',
  sending: 'Envoi en cours…',
  rules: 'Règles des commentaires',
  privacy: 'Vie privée',
  trap: 'Laissez ce champ vide',

  reply: 'Répondre',
  cancelReply: 'Ne pas répondre',
  inReplyTo: 'en réponse à {name}',
  inReplyToNobody: "en réponse à un commentaire qui n'est pas affiché ici",

  more: 'Plus de commentaires',
  firstComments: 'Les premiers commentaires',
  show: 'Afficher les commentaires',
  loading: 'Les commentaires arrivent…',
  unavailable: 'Les commentaires ne peuvent pas être affichés pour le moment.',
  tryAgain: 'Réessayer',

  waits: 'Votre commentaire attend la validation.',
  published: 'Votre commentaire est publié.',
  rejected: "Votre commentaire n'a pas été retenu.",
  rejectedBecause: "Votre commentaire n'a pas été retenu : {reason}",
  withdraw: 'Le retirer',
  withdrawForGood: 'Le retirer définitivement ?',
  keepIt: 'Le garder',
  withdrawn: 'Votre commentaire a été retiré.',
  notWithdrawn: "Votre commentaire n'a pas pu être retiré. Veuillez réessayer.",

  required: 'Veuillez remplir ce champ.',
  tooLong: {
    one: '{n} caractère au maximum.',
    many: '{n} de caractères au maximum.',
    other: '{n} caractères au maximum.',
  },
  notAnEmail: 'Veuillez indiquer une adresse email, par exemple ada@example.org.',
  holdsTheAddress: 'Votre nom est affiché : il ne doit pas contenir votre adresse email.',
  notStorable: 'Certains de ces caractères ne peuvent pas être utilisés ici.',
  invalid: "Ce champ n'est pas valide.",

  notSent: "Votre commentaire n'a pas pu être envoyé. Votre texte est toujours là : veuillez réessayer.",
  tooMany: 'Trop de commentaires arrivent en ce moment. Veuillez réessayer dans une minute.',
  full: 'Trop de commentaires attendent déjà la validation. Veuillez réessayer plus tard.',
  parentGone: "Le commentaire auquel vous répondez n'est plus là.",
  looksAutomated:
    'Cet envoi a été plus rapide que ne le permet la frappe. Veuillez attendre quelques secondes, puis envoyer à nouveau.',
  correct: 'Veuillez corriger ce qui est signalé, puis envoyer à nouveau.',
}
