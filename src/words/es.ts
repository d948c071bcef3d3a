import type { Words } from './en.ts'

/** Spanish of both sides of the ocean: readers are addressed with "usted". A million takes "de". */
export const es: Words = {
  submitted: 'Gracias por su comentario. Se publicará en cuanto lo apruebe el equipo de moderación.',

  comments: { one: '{n} comentario', many: '{n} de comentarios', other: '{n} comentarios' },
  none: 'Este artículo aún no tiene comentarios.',
  beFirst: '¡Sea la primera persona en dar su opinión!',
  closed: 'Este artículo ya no admite comentarios.',
  feedEntry: '{name} sobre «{title}»',
  commentsOn: 'Comentarios sobre «{title}»',
  commentsOfSite: 'Comentarios',
  backToArticle: 'Volver al artículo',
  notTaken: 'No se ha podido enviar su comentario. Vuelva al formulario e inténtelo de nuevo.',
  feed: 'Canal Atom de los comentarios',

  leaveComment: 'Deje un comentario',
  replyTo: 'Responder a {name}',
  allRequired: 'Todos los campos son obligatorios.',
  name: 'Nombre',
  email: 'Correo electrónico',
  emailHint: 'Su correo electrónico no se publicará.',
  body: 'Comentario',
  send: 'Enviar',
  sending: 'Enviando…',
  rules: 'Normas para comentar',
  privacy: 'Privacidad',
  trap: 'Deje este campo vacío',

  reply: 'Responder',
  cancelReply: 'No responder',
  inReplyTo: 'en respuesta a {name}',
  inReplyToNobody: 'en respuesta a un comentario que no se muestra aquí',

  more: 'Más comentarios',
  firstComments: 'Los primeros comentarios',
  show: 'Ver los comentarios',
  loading: 'Cargando los comentarios…',
  unavailable: 'Los comentarios no se pueden mostrar en este momento.',
  tryAgain: 'Volver a intentarlo',

  waits: 'Su comentario está pendiente de aprobación.',
  published: 'Su comentario ha sido publicado.',
  rejected: 'Su comentario no ha sido aprobado.',
  rejectedBecause: 'Su comentario no ha sido aprobado: {reason}',
  withdraw: 'Retirarlo',
  withdrawForGood: '¿Retirarlo definitivamente?',
  keepIt: 'Conservarlo',
  withdrawn: 'Su comentario ha sido retirado.',
  notWithdrawn: 'No se ha podido retirar su comentario. Inténtelo de nuevo.',

  required: 'Complete este campo, por favor.',
  tooLong: {
    one: 'Como máximo, {n} carácter.',
    many: 'Como máximo, {n} de caracteres.',
    other: 'Como máximo, {n} caracteres.',
  },
  notAnEmail: 'Indique una dirección de correo electrónico, por ejemplo, ada@example.org.',
  holdsTheAddress: 'Su nombre se muestra, así que no debe contener su dirección de correo electrónico.',
  notStorable: 'Algunos de estos caracteres no se pueden usar aquí.',
  invalid: 'Este dato no es válido.',

  notSent:
    'No se ha podido enviar su comentario. Lo que ha escrito sigue aquí: vuelva a intentarlo, por favor.',
  tooMany: 'En este momento llegan demasiados comentarios. Vuelva a intentarlo dentro de un minuto.',
  full: 'Ya hay demasiados comentarios pendientes de aprobación. Vuelva a intentarlo más tarde.',
  parentGone: 'El comentario al que responde ya no está disponible.',
  looksAutomated:
    'El envío parece automático: ha sido más rápido de lo que se tarda en escribir, o se ha rellenado un campo oculto. Espere unos segundos y vuelva a enviarlo.',
  correct: 'Revise los campos señalados y vuelva a enviar el comentario.',
}
