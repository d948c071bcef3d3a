import { type Language, languages } from '../domain/language.ts'

/*
 * What an author is told where a moderator gives a reason by its code alone. The server alone says it, and a deployment may have
 * reasons of its own in their place (`REASONS_FILE`).
 */

const texts: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'off-topic': {
    en: 'It is not about the subject of the article.',
    fr: "Il ne porte pas sur le sujet de l'article.",
    de: 'Er hat nichts mit dem Thema des Artikels zu tun.',
    es: 'No trata del tema del artículo.',
    it: 'Non riguarda l’argomento dell’articolo.',
    pt: 'Não trata do assunto do artigo.',
    nl: 'De reactie gaat niet over het onderwerp van het artikel.',
    ar: 'لا يتعلق بموضوع المقال.',
  },
  insult: {
    en: 'It insults other people. Please say what you think without insults.',
    fr: "Il insulte d'autres personnes. Merci de vous exprimer sans insultes.",
    de: 'Er beleidigt andere Menschen. Bitte sagen Sie Ihre Meinung ohne Beleidigungen.',
    es: 'Insulta a otras personas. Por favor, exprese su opinión sin insultos.',
    it: 'Insulta altre persone. Esprima la sua opinione senza insulti, per favore.',
    pt: 'Insulta outras pessoas. Por favor, exprima a sua opinião sem insultos.',
    nl: 'De reactie beledigt anderen. Geef uw mening alstublieft zonder beledigingen.',
    ar: 'يتضمن إساءة إلى الآخرين. يُرجى التعبير عن رأيكم دون إساءة.',
  },
  hate: {
    en: 'It is hateful towards a group of people.',
    fr: 'Il est haineux envers un groupe de personnes.',
    de: 'Er hetzt gegen eine Gruppe von Menschen.',
    es: 'Incita al odio contra un grupo de personas.',
    it: 'Incita all’odio contro un gruppo di persone.',
    pt: 'Incita ao ódio contra um grupo de pessoas.',
    nl: 'De reactie is haatdragend tegenover een groep mensen.',
    ar: 'يحرّض على الكراهية ضد مجموعة من الناس.',
  },
  illegal: {
    en: 'It may break the law, so we cannot publish it.',
    fr: 'Il est peut-être contraire à la loi : nous ne pouvons pas le publier.',
    de: 'Er verstößt möglicherweise gegen das Gesetz; wir können ihn nicht veröffentlichen.',
    es: 'Puede infringir la ley, por lo que no podemos publicarlo.',
    it: 'Potrebbe violare la legge e non possiamo pubblicarlo.',
    pt: 'Pode violar a lei, por isso não o podemos publicar.',
    nl: 'De reactie is mogelijk in strijd met de wet; wij kunnen deze niet plaatsen.',
    ar: 'قد يكون مخالفًا للقانون، لذا لا يمكننا نشره.',
  },
  spam: {
    en: 'It looks like spam.',
    fr: 'Il ressemble à un message indésirable.',
    de: 'Er sieht nach unerwünschter Massenware aus.',
    es: 'Parece correo basura.',
    it: 'Sembra un messaggio indesiderato.',
    pt: 'Parece uma mensagem indesejada.',
    nl: 'De reactie lijkt op een ongewenst massabericht.',
    ar: 'يبدو رسالة غير مرغوب فيها.',
  },
  advertising: {
    en: 'It advertises something, and comments are not the place for that.',
    fr: "Il fait de la publicité, et les commentaires ne sont pas l'endroit pour cela.",
    de: 'Er wirbt für etwas, und dafür sind die Kommentare nicht da.',
    es: 'Hace publicidad, y los comentarios no son el lugar para eso.',
    it: 'Fa pubblicità, e i commenti non sono il luogo adatto.',
    pt: 'Faz publicidade, e os comentários não são o lugar para isso.',
    nl: 'De reactie maakt reclame, en daar zijn reacties niet voor bedoeld.',
    ar: 'يتضمن إعلانًا، والتعليقات ليست مكانًا لذلك.',
  },
  'personal-data': {
    en: 'It contains personal details, such as an address or a telephone number.',
    fr: 'Il contient des données personnelles, par exemple une adresse ou un numéro de téléphone.',
    de: 'Er enthält persönliche Angaben, zum Beispiel eine Adresse oder eine Telefonnummer.',
    es: 'Contiene datos personales, como una dirección o un número de teléfono.',
    it: 'Contiene dati personali, come un indirizzo o un numero di telefono.',
    pt: 'Contém dados pessoais, como uma morada ou um número de telefone.',
    nl: 'De reactie bevat persoonlijke gegevens, zoals een adres of een telefoonnummer.',
    ar: 'يتضمن بيانات شخصية، مثل عنوان أو رقم هاتف.',
  },
  misinformation: {
    en: 'It states as a fact what is not true or cannot be verified.',
    fr: "Il présente comme un fait ce qui est faux ou n'est pas vérifiable.",
    de: 'Er stellt als Tatsache dar, was nicht stimmt oder sich nicht überprüfen lässt.',
    es: 'Presenta como un hecho algo que no es cierto o no se puede comprobar.',
    it: 'Presenta come un fatto qualcosa che non è vero o non si può verificare.',
    pt: 'Apresenta como um facto algo que não é verdade ou não se pode verificar.',
    nl: 'De reactie stelt als feit voor wat niet klopt of niet te controleren is.',
    ar: 'يعرض كحقيقة ما ليس صحيحًا أو ما لا يمكن التحقق منه.',
  },
  duplicate: {
    en: 'You have sent the same comment before.',
    fr: 'Vous avez déjà envoyé le même commentaire.',
    de: 'Sie haben denselben Kommentar schon einmal gesendet.',
    es: 'Ya ha enviado antes el mismo comentario.',
    it: 'Ha già inviato lo stesso commento.',
    pt: 'Já enviou antes o mesmo comentário.',
    nl: 'U hebt dezelfde reactie al eerder verstuurd.',
    ar: 'سبق أن أرسلتم التعليق نفسه.',
  },
  other: {
    en: 'It does not follow our rules for comments.',
    fr: 'Il ne respecte pas nos règles pour les commentaires.',
    de: 'Er entspricht nicht unseren Regeln für Kommentare.',
    es: 'No respeta nuestras normas para los comentarios.',
    it: 'Non rispetta le nostre regole per i commenti.',
    pt: 'Não respeita as nossas regras para os comentários.',
    nl: 'De reactie voldoet niet aan onze regels voor reacties.',
    ar: 'لا يلتزم بقواعد التعليقات لدينا.',
  },
}

/** In the order in which moderators are shown them, each in every language. */
export const readyReasons = Object.entries(texts).map(([code, own]) => ({
  code,
  texts: Object.fromEntries(languages.map((language) => [language, own[language]])) as Record<
    Language,
    string
  >,
}))
