"""Common words of thirteen languages, which names of emojis lack or give a wrong idea of: colours, feelings, everyday things, "with".

The names that Unicode's CLDR has for emojis (:mod:`emoterm.languages`) say "yellow" of hearts and squares alone and hardly ever what
somebody feels, and they call a car an automobile. The colours are those of :data:`emoterm.colors.COLORS`, the feelings some of
:data:`emoterm.feelings.FACES`.
"""

from __future__ import annotations

# fmt: off
FUNCTION_WORDS: dict[str, dict[str, str]] = {
    "de": {
        "mit": "with", "und": "and", "in": "in", "auf": "on", "im": "in", "von": "of", "hat": "has", "tragt": "wears",
        "ohne": "without", "nicht": "not",
        **dict.fromkeys(("kein", "keine", "keinen", "keinem", "keiner"), "no"),
        **dict.fromkeys(("der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines"), ""),
    },
    "fr": {
        "avec": "with", "et": "and", "en": "in", "dans": "in", "sur": "on", "porte": "wears", "de": "of", "du": "of", "sans": "without",
        "pas": "not",
        **dict.fromkeys(("le", "la", "les", "l", "un", "une", "des", "d", "a", "au", "aux", "qui"), ""),
    },
    "es": {
        "con": "with", "y": "and", "en": "in", "lleva": "wears", "de": "of", "del": "of", "sin": "without", "no": "not",
        **dict.fromkeys(("el", "la", "los", "las", "un", "una", "unos", "unas", "al", "que"), ""),
    },
    "it": {
        "con": "with", "e": "and", "in": "in", "su": "on", "di": "of", "del": "of", "della": "of", "senza": "without", "non": "not",
        **dict.fromkeys(("il", "lo", "la", "i", "gli", "le", "l", "un", "uno", "una", "che", "da", "al"), ""),
    },
    "pt": {
        "com": "with", "e": "and", "em": "in", "no": "in", "na": "in", "de": "of", "do": "of", "da": "of", "sem": "without",
        "nao": "not",
        **dict.fromkeys(("o", "a", "os", "as", "um", "uma", "que"), ""),
    },
    "id": {"dengan": "with", "dan": "and", "di": "in", "yang": "", "sebuah": "", "seekor": "", "tanpa": "without", "tidak": "not"},
    "tr": {"ile": "with", "ve": "and", "bir": ""},
    "ru": {"с": "with", "со": "with", "и": "and", "в": "in", "на": "on", "без": "without", "не": "not"},
}
# fmt: on
"""Words that say nothing of a picture, without accents: what they are in English, nothing where English prompts go without."""
_RUSSIAN_ENDINGS = "ый ий ой ая ое ее ые ие ого его ому ему ую ым им ом ем ой ей ых их"
ADJECTIVE_ENDINGS: dict[str, tuple[str, ...]] = {
    "ar": ("", "ة"),
    "de": ("", "e", "er", "es", "en", "em"),
    "es": ("o", "a", "os", "as"),
    "fr": ("", "e", "s", "es"),
    "it": ("o", "a", "i", "e"),
    "pt": ("o", "a", "os", "as"),
    "ru": tuple(_RUSSIAN_ENDINGS.split()),
}
"""What "~" stands for behind the stem of an adjective."""
ENDINGS = {
    "de": ("e", "en", "er", "es", "n", "s"),
    "es": ("s", "es"),
    "fr": ("s", "x"),
    "id": ("ku", "mu"),
    "it": (),
    "pt": ("s", "es"),
    "tr": ("li", "lu", "i", "u", "yi", "yu", "si", "su", "m", "n"),
}
"""What may stand behind a common word where any two letters, as in languages of other scripts, would let words of English pass."""
# fmt: off
_WORDS: dict[str, dict[str, str]] = {
    "ar": {
        "red": "أحمر, حمراء", "orange": "برتقالي~", "yellow": "أصفر, صفراء", "green": "أخضر, خضراء", "blue": "أزرق, زرقاء",
        "purple": "بنفسجي~, أرجواني~", "pink": "وردي~, زهري~", "brown": "بني~", "black": "أسود, سوداء", "grey": "رمادي~",
        "white": "أبيض, بيضاء",
        "happy": "سعيد~, فرحان~, مسرور~", "sad": "حزين~", "angry": "غاضب~, غضبان~", "scared": "خائف~, مرعوب~",
        "surprised": "متفاجئ~, مندهش~", "tired": "متعب~, تعبان~, مرهق~", "sleepy": "نعسان~", "sleeping": "نائم~",
        "in love": "عاشق~, مغرم~, واقع في الحب, واقعة في الحب", "cool": "رائع~, كول", "crying": "يبكي, تبكي, باكي~",
        "laughing": "يضحك, تضحك, ضاحك~", "smiling": "مبتسم~, يبتسم, تبتسم",
        "car": "سيارة", "cat": "قط~", "house": "بيت, منزل", "moon": "قمر", "flower": "زهرة", "fish": "سمكة, سمك", "bird": "عصفور, طائر",
        "cloud": "غيمة, سحابة", "fire": "نار", "hat": "قبعة", "glasses": "نظارة, نظارات", "snake": "أفعى", "bee": "نحلة",
        "unicorn": "يونيكورن", "cake": "كعكة, كيك", "coffee": "قهوة", "ball": "كرة", "boat": "قارب", "rain": "مطر", "snow": "ثلج",
        "rainbow": "قوس قزح", "jack-o-lantern": "يقطينة, يقطين", "sunglasses": "نظارة شمسية, نظارات شمسية", "woman": "امرأة",
        "star": "نجمة, نجم",
        "frog": "ضفدع", "robot": "روبوت", "apple": "تفاحة, تفاح", "bear": "دب", "lion": "أسد", "banana": "موزة, موز", "fox": "ثعلب",
        "wolf": "ذئب",
    },
    "de": {
        "red": "rot~", "orange": "orange, orangefarben~", "yellow": "gelb~", "green": "grün~, hellgrün~, dunkelgrün~",
        "blue": "blau~, hellblau~, dunkelblau~", "purple": "lila, violett~", "pink": "rosa, pink, rosafarben~, pinkfarben~",
        "brown": "braun~", "black": "schwarz~", "grey": "grau~", "white": "weiß~",
        "happy": "glücklich~, fröhlich~, froh~", "sad": "traurig~", "angry": "wütend~, böse, böser, böses, bösen, bösem, zornig~",
        "scared": "ängstlich~, verängstigt~, erschrocken~", "surprised": "überrascht~, erstaunt~",
        "tired": "müde, müder, müdes, müden, müdem, erschöpft~", "sleepy": "schläfrig~", "sleeping": "schlafend~", "in love": "verliebt~",
        "cool": "cool~", "crying": "weinend~", "laughing": "lachend~", "smiling": "lächelnd~",
        "hat": "Hut", "balloon": "Ballon", "car": "Auto, Autos", "cat": "Kater", "flower": "Blume, Blumen", "tree": "Baum, Bäume",
        "ghost": "Geist, Gespenst", "rabbit": "Kaninchen, Häschen", "bee": "Biene", "cake": "Kuchen, Torte", "coffee": "Kaffee",
        "ball": "Ball", "snow": "Schnee", "jack-o-lantern": "Kürbis", "star": "Stern, Sterne", "moon": "Mond", "apple": "Apfel",
        "boat": "Boot",
        "rain": "Regen",
    },
    "es": {
        "red": "roj~", "orange": "naranja, naranjas, anaranjad~", "yellow": "amarill~", "green": "verde, verdes", "blue": "azul, azules",
        "purple": "morad~, violeta, violetas, púrpura, lila", "pink": "rosa, rosas, rosad~", "brown": "marrón, marrones", "black": "negr~",
        "grey": "gris, grises", "white": "blanc~",
        "happy": "feliz, felices, alegre, alegres, content~", "sad": "triste, tristes", "angry": "enojad~, enfadad~, furios~",
        "scared": "asustad~, aterrad~", "surprised": "sorprendid~", "tired": "cansad~", "sleepy": "adormilad~, somnolient~",
        "sleeping": "dormid~, durmiendo", "in love": "enamorad~", "cool": "cool, genial, guay", "crying": "llorando, llora",
        "laughing": "riendo", "smiling": "sonriente, sonrientes, sonriendo, sonríe",
        "hat": "sombrero", "car": "coche, carro, auto, automóvil", "cat": "gata", "flower": "flor", "fish": "pescado",
        "glasses": "gafas, lentes", "bee": "abeja", "cake": "pastel, tarta", "coffee": "café", "ball": "pelota, balón", "boat": "barco",
        "chicken": "pollo", "jack-o-lantern": "calabaza", "sun": "sol", "tree": "árbol", "dog": "perro, perra", "apple": "manzana",
        "rain": "lluvia", "snow": "nieve",
    },
    "fa": {
        "red": "قرمز, سرخ", "orange": "نارنجی", "yellow": "زرد", "green": "سبز", "blue": "آبی", "purple": "بنفش", "pink": "صورتی",
        "brown": "قهوه‌ای, قهوه ای", "black": "سیاه, مشکی", "grey": "خاکستری, طوسی", "white": "سفید",
        "happy": "خوشحال, شاد", "sad": "غمگین, ناراحت", "angry": "عصبانی, خشمگین", "scared": "ترسیده, وحشت‌زده, وحشت زده",
        "surprised": "متعجب, شگفت‌زده, شگفت زده", "tired": "خسته", "sleepy": "خواب‌آلود, خواب آلود", "sleeping": "خوابیده",
        "in love": "عاشق",
        "cool": "باحال", "crying": "گریان", "laughing": "خندان", "smiling": "متبسم",
        "car": "خودرو, ماشین", "robot": "ربات", "ghost": "شبح", "apple": "سیب", "glasses": "عینک", "bee": "زنبور",
        "unicorn": "تک‌شاخ, تک شاخ", "coffee": "قهوه", "rain": "باران", "rainbow": "رنگین‌کمان, رنگین کمان", "duck": "اردک",
        "turtle": "لاک‌پشت, لاک پشت", "strawberry": "توت‌فرنگی, توت فرنگی", "jack-o-lantern": "کدو تنبل, کدو حلوایی", "moon": "ماه",
        "flower": "گل",
        "tree": "درخت", "cow": "گاو", "hat": "کلاه", "cake": "کیک", "boat": "قایق", "snow": "برف", "face": "صورت",
    },
    "fr": {
        "red": "rouge, rouges", "orange": "orange, oranges, orangé~", "yellow": "jaune, jaunes", "green": "vert~", "blue": "bleu~",
        "purple": "violet, violette, violets, violettes, mauve, mauves", "pink": "rose, roses", "brown": "brun~, marron, marrons",
        "black": "noir~", "grey": "gris, grise, grises", "white": "blanc, blanche, blancs, blanches",
        "happy": "heureux, heureuse, heureuses, content~, joyeux, joyeuse, joyeuses", "sad": "triste, tristes",
        "angry": "en colère, colère, fâché~, furieux, furieuse", "scared": "effrayé~, apeuré~, terrifié~",
        "surprised": "surpris, surprise, surprises, étonné~", "tired": "fatigué~", "sleepy": "somnolent~", "sleeping": "endormi~",
        "in love": "amoureux, amoureuse, amoureuses", "cool": "cool", "crying": "pleure, en pleurs", "laughing": "rit",
        "smiling": "souriant~, sourit",
        "hat": "chapeau, chapeaux", "car": "voiture", "cat": "chat, chats, chatte", "tree": "arbre", "glasses": "lunettes", "lion": "lion",
        "bee": "abeille", "coffee": "café", "ball": "balle", "balloon": "ballon", "boat": "bateau", "snow": "neige", "chicken": "poulet",
        "jack-o-lantern": "citrouille", "bear": "ours", "flower": "fleur", "apple": "pomme", "snake": "serpent", "cake": "gâteau",
        "rain": "pluie",
    },
    "id": {
        "red": "merah", "orange": "oranye, jingga", "yellow": "kuning", "green": "hijau", "blue": "biru", "purple": "ungu",
        "pink": "merah muda, merah jambu", "brown": "cokelat, coklat", "black": "hitam", "grey": "abu-abu", "white": "putih",
        "happy": "bahagia, senang, gembira, ceria", "sad": "sedih", "angry": "marah", "scared": "takut, ketakutan",
        "surprised": "terkejut, kaget", "tired": "lelah, capek", "sleepy": "mengantuk, ngantuk", "sleeping": "tidur",
        "in love": "jatuh cinta", "cool": "keren", "crying": "menangis", "laughing": "tertawa", "smiling": "tersenyum",
        "hat": "topi", "car": "mobil", "frog": "kodok, katak", "bee": "lebah", "cake": "kue", "coffee": "kopi", "book": "buku",
        "snow": "salju", "jack-o-lantern": "labu", "fire": "api", "flower": "bunga", "heart": "jantung", "apple": "apel", "ball": "bola",
    },
    "it": {
        "red": "ross~", "orange": "arancione, arancioni", "yellow": "giall~", "green": "verde, verdi", "blue": "blu, azzurr~",
        "purple": "viola", "pink": "rosa", "brown": "marrone, marroni", "black": "ner~", "grey": "grigio, grigia, grigi, grigie",
        "white": "bianco, bianca, bianchi, bianche",
        "happy": "felice, felici, content~, allegr~", "sad": "triste, tristi", "angry": "arrabbiat~, furios~",
        "scared": "spaventat~, impaurit~", "surprised": "sorpres~, stupit~", "tired": "stanco, stanca, stanchi, stanche",
        "sleepy": "assonnat~", "sleeping": "addormentat~", "in love": "innamorat~", "cool": "cool, figo", "crying": "piange, piangendo",
        "laughing": "ridendo", "smiling": "sorridente, sorridenti, sorride",
        "hat": "cappello", "car": "auto, macchina, macchine, automobile", "dog": "cane", "sun": "sole", "flower": "fiore",
        "glasses": "occhiali", "bee": "ape", "cake": "torta", "coffee": "caffè", "airplane": "aereo", "rain": "pioggia", "snow": "neve",
        "chicken": "pollo", "face": "viso, faccia", "jack-o-lantern": "zucca", "cat": "gatto, gatta", "tree": "albero", "apple": "mela",
        "lion": "leone", "ball": "palla",
    },
    "ja": {
        "red": "赤い, 赤色, 赤", "orange": "オレンジ色, オレンジ, 橙色", "yellow": "黄色い, 黄色", "green": "緑色, 緑, グリーン",
        "blue": "青い, 青色, 青, 水色, ブルー", "purple": "紫色, 紫, パープル", "pink": "ピンク色, ピンク, 桃色", "brown": "茶色い, 茶色",
        "black": "黒い, 黒色, 黒", "grey": "灰色, グレー", "white": "白い, 白色, 白",
        "happy": "嬉しい, うれしい, 嬉しそう, うれしそう, 幸せ, しあわせ, 幸せそう, 楽しい, 楽しそう, 喜んでいる, ハッピー",
        "sad": "悲しい, かなしい, 悲しそう, 悲しんでいる", "angry": "怒っている, 怒ってる, 怒った",
        "scared": "怖がっている, 怖がる, 怯えた, 怯えている, おびえた, おびえている",
        "surprised": "驚いた, 驚いている, びっくりした, びっくりしている", "tired": "疲れた, 疲れている, つかれた",
        "sleepy": "眠い, ねむい, 眠そう", "sleeping": "眠っている, 眠る, 寝ている",
        "in love": "恋する, 恋している, 恋をしている, 恋に落ちた", "cool": "かっこいい, カッコいい, カッコイイ, 格好いい, クール",
        "crying": "泣いている, 泣いてる, 泣く", "laughing": "笑っている, 笑ってる, 笑う", "smiling": "笑顔, 微笑む, 微笑んでいる",
        "funny": "面白い",
        "cat": "猫, ねこ, ネコ", "dog": "犬, いぬ, イヌ", "car": "車", "star": "星", "frog": "カエル, 蛙, かえる", "moon": "月",
        "flower": "花", "tree": "木", "heart": "ハート", "cow": "牛", "pig": "豚, ブタ", "ghost": "幽霊, おばけ", "fire": "炎",
        "apple": "りんご, リンゴ", "hat": "帽子", "glasses": "眼鏡, メガネ, めがね", "rabbit": "うさぎ, ウサギ, 兎", "bear": "熊, クマ",
        "lion": "ライオン", "elephant": "象, ゾウ", "monkey": "猿, サル", "snake": "蛇, ヘビ", "butterfly": "蝶",
        "bee": "蜂, ハチ, ミツバチ", "dragon": "竜, 龍", "unicorn": "ユニコーン", "cake": "ケーキ", "coffee": "コーヒー", "book": "本",
        "ball": "ボール", "train": "電車, 列車", "rain": "雨", "snow": "雪", "fox": "狐, キツネ", "wolf": "狼, オオカミ",
        "tiger": "虎, トラ", "chicken": "鶏, ニワトリ", "duck": "アヒル", "turtle": "亀, カメ", "face": "顔",
        "strawberry": "いちご, イチゴ", "jack-o-lantern": "かぼちゃ, カボチャ", "man": "男", "woman": "女", "japan": "日本",
        "flag": "旗, 国旗",
    },
    "ko": {
        "red": "빨간, 빨강, 빨간색, 붉은", "orange": "주황, 주황색, 오렌지색", "yellow": "노란, 노랑, 노란색",
        "green": "초록, 초록색, 녹색", "blue": "파란, 파랑, 파란색, 푸른", "purple": "보라, 보라색, 보랏빛",
        "pink": "분홍, 분홍색, 핑크, 핑크색", "brown": "갈색", "black": "검은, 검정, 검은색, 검정색, 까만", "grey": "회색",
        "white": "하얀, 하양, 하얀색, 흰, 흰색",
        "happy": "행복한, 기쁜, 즐거운", "sad": "슬픈", "angry": "화난, 화가 난, 성난", "scared": "겁먹은, 겁에 질린, 무서워하는",
        "surprised": "놀란, 깜짝 놀란", "tired": "피곤한, 지친", "sleepy": "졸린", "sleeping": "잠자는, 자고 있는, 잠든",
        "in love": "사랑에 빠진", "cool": "멋진, 쿨한", "crying": "우는, 울고 있는", "laughing": "웃고 있는", "smiling": "웃는, 미소 짓는",
        "car": "자동차, 차", "dog": "강아지", "sun": "해", "moon": "달", "tree": "나무", "heart": "심장", "cow": "소", "ghost": "귀신",
        "bee": "벌, 꿀벌", "cake": "케이크", "coffee": "커피", "ball": "공", "rain": "비", "jack-o-lantern": "호박", "frog": "개구리",
        "flower": "꽃", "robot": "로봇", "apple": "사과", "hat": "모자", "bear": "곰", "lion": "사자", "unicorn": "유니콘", "fox": "여우",
        "wolf": "늑대",
    },
    "pt": {
        "red": "vermelh~", "orange": "laranja, laranjas, alaranjad~", "yellow": "amarel~", "green": "verde, verdes", "blue": "azul, azuis",
        "purple": "rox~, violeta, lilás", "pink": "rosa, cor-de-rosa", "brown": "marrom, marrons, castanh~", "black": "pret~, negr~",
        "grey": "cinza, cinzent~", "white": "branc~",
        "happy": "feliz, felizes, alegre, alegres, contente, contentes", "sad": "triste, tristes",
        "angry": "zangad~, irritad~, furios~, brav~", "scared": "assustad~, apavorad~", "surprised": "surpres~, surpreendid~",
        "tired": "cansad~", "sleepy": "sonolent~", "sleeping": "dormindo, adormecid~", "in love": "apaixonad~",
        "cool": "cool, legal, descolad~", "crying": "chorando", "laughing": "rindo", "smiling": "sorridente, sorridentes, sorrindo",
        "hat": "chapéu", "car": "carro, automóvel", "frog": "sapo, rã", "dog": "cão, cachorro", "cat": "gata", "flower": "flor",
        "bee": "abelha", "coffee": "café", "ball": "bola", "train": "comboio, trem", "boat": "barco", "jack-o-lantern": "abóbora",
        "glasses": "óculos", "sunglasses": "óculos de sol", "star": "estrela", "tree": "árvore", "robot": "robô", "apple": "maçã",
        "bear": "urso", "lion": "leão", "cake": "bolo", "fox": "raposa", "snow": "neve", "unicorn": "unicórnio", "wolf": "lobo",
    },
    "ru": {
        "red": "красн~", "orange": "оранжев~", "yellow": "жёлт~", "green": "зелён~",
        "blue": "синий, синяя, синее, синие, синего, синему, синей, синюю, синим, синем, синих, голуб~",
        "purple": "фиолетов~, пурпурн~, лилов~, сиренев~", "pink": "розов~", "brown": "коричнев~", "black": "чёрн~", "grey": "сер~",
        "white": "бел~",
        "happy": "счастлив~, счастлив, счастлива, радостн~, весёл~, довольн~", "sad": "грустн~, печальн~",
        "angry": "зл~, сердит~, рассерженн~, разгневанн~", "scared": "испуганн~, напуганн~", "surprised": "удивлённ~, изумлённ~",
        "tired": "устал~, уставш~", "sleepy": "сонн~", "sleeping": "спящ~", "in love": "влюблённ~", "cool": "крут~",
        "crying": "плачущ~, плачет", "laughing": "смеющийся, смеющаяся, смеющееся, смеющиеся, смеётся",
        "smiling": "улыбающийся, улыбающаяся, улыбающееся, улыбающиеся, улыбается",
        "hat": "шляпа, шляпе, шляпу, шляпой", "car": "машина, машинка, автомобиль, машины", "dog": "пёс", "flower": "цветок, цветы",
        "tree": "дерево", "horse": "конь", "ghost": "призрак", "lion": "лев", "bee": "пчела", "cake": "торт", "coffee": "кофе",
        "ball": "мяч", "boat": "лодка", "rain": "дождь", "snow": "снег", "fox": "лиса", "wolf": "волк", "face": "лицо",
        "jack-o-lantern": "тыква",
        "frog": "лягушка", "glasses": "очки, очках, очками", "crown": "корона, короне, корону, короной", "apple": "яблоко",
        "bear": "медведь", "unicorn": "единорог", "star": "звезда, звезды, звёздочка",
        "sunglasses": "тёмные очки, тёмных очках, тёмными очками, солнечные очки, солнечных очках, солнечными очками",
    },
    "tr": {
        "red": "kırmızı", "orange": "turuncu", "yellow": "sarı", "green": "yeşil", "blue": "mavi, lacivert", "purple": "mor",
        "pink": "pembe", "brown": "kahverengi", "black": "siyah, kara", "grey": "gri", "white": "beyaz",
        "happy": "mutlu, neşeli, sevinçli", "sad": "üzgün", "angry": "kızgın, öfkeli, sinirli", "scared": "korkmuş, ürkmüş",
        "surprised": "şaşkın, şaşırmış", "tired": "yorgun", "sleepy": "uykulu", "sleeping": "uyuyan", "in love": "aşık, âşık",
        "cool": "havalı", "crying": "ağlayan", "laughing": "gülen", "smiling": "gülümseyen",
        "hat": "şapka", "car": "araba, otomobil", "horse": "at", "moon": "ay", "bee": "arı", "cake": "pasta, kek", "coffee": "kahve",
        "ball": "top", "boat": "tekne", "jack-o-lantern": "balkabağı, bal kabağı", "man": "adam", "snow": "kar", "flower": "çiçek",
        "tree": "ağaç",
        "apple": "elma", "elephant": "fil", "rain": "yağmur",
    },
    "zh": {
        "red": "红色, 紅色, 红, 紅", "orange": "橙色, 橘色, 橘黄色, 橘黃色", "yellow": "黄色, 黃色, 黄, 黃", "green": "绿色, 綠色, 绿, 綠",
        "blue": "蓝色, 藍色, 蓝, 藍", "purple": "紫色, 紫", "pink": "粉色, 粉红色, 粉紅色, 粉红, 粉紅", "brown": "棕色, 褐色, 咖啡色",
        "black": "黑色, 黑", "grey": "灰色, 灰", "white": "白色, 白",
        "happy": "快乐, 快樂, 开心, 開心, 高兴, 高興, 幸福", "sad": "悲伤, 悲傷, 伤心, 傷心, 难过, 難過", "angry": "生气, 生氣, 愤怒, 憤怒",
        "scared": "害怕, 惊恐, 驚恐", "surprised": "惊讶, 驚訝, 吃惊, 吃驚", "tired": "疲惫, 疲憊, 疲倦, 累", "sleepy": "困倦, 瞌睡",
        "sleeping": "睡觉, 睡覺, 睡着, 睡著", "in love": "恋爱中, 戀愛中, 恋爱, 戀愛", "cool": "酷", "crying": "哭泣, 哭",
        "laughing": "大笑", "smiling": "微笑",
        "car": "汽车, 汽車, 车, 車, 小汽车", "star": "星星, 星", "dog": "小狗, 狗狗", "cat": "貓, 小猫, 小貓, 猫咪, 貓咪", "sun": "太陽",
        "moon": "月亮", "flower": "花, 花朵", "tree": "树, 樹, 大树, 大樹", "heart": "心, 爱心, 愛心", "fish": "魚, 小鱼, 小魚",
        "bird": "鳥, 小鸟, 小鳥", "horse": "馬, 小马, 小馬", "cow": "牛, 奶牛", "pig": "豬, 小猪, 小豬", "robot": "機器人",
        "ghost": "幽灵, 幽靈", "cloud": "雲, 云朵, 雲朵", "fire": "火", "pizza": "披薩, 比萨, 比薩", "apple": "苹果, 蘋果", "hat": "帽子",
        "glasses": "眼鏡", "crown": "王冠", "lion": "獅子", "bee": "蜜蜂", "penguin": "企鵝", "dragon": "龍", "sauropod": "恐龙, 恐龍",
        "unicorn": "獨角獸", "cake": "蛋糕", "coffee": "咖啡", "book": "书, 書", "ball": "球", "train": "火車", "airplane": "飛機",
        "rain": "雨", "snow": "雪", "chicken": "雞", "egg": "鸡蛋, 雞蛋", "milk": "牛奶", "duck": "鴨子", "turtle": "乌龟, 烏龜",
        "face": "脸, 臉", "jack-o-lantern": "南瓜", "sunglasses": "墨鏡, 太阳镜, 太陽鏡", "japan": "日本",
        "flag": "旗, 旗帜, 旗幟, 国旗, 國旗",
    },
}
# fmt: on
"""English → the words for it in each language, as they are written there."""


def _spelled_out(words: str, endings: tuple[str, ...]) -> list[str]:
    """Words, separated by commas, in all forms."""
    stems = words.split(", ")
    return [form for stem in stems for form in ([stem[:-1] + ending for ending in endings] if stem.endswith("~") else [stem])]


COMMON_WORDS: dict[str, dict[str, str]] = {
    code: {form: english for english, words in table.items() for form in _spelled_out(words, ADJECTIVE_ENDINGS.get(code, ()))}
    for code, table in _WORDS.items()
}
"""The code of a language → each word or phrase, as it is written there, and what it is in English."""
# fmt: off
ALSO_ENGLISH = frozenset({
    "adam", "bola", "bolo", "brava", "bravo", "cooler", "geist", "genial", "kar", "kara", "kek", "legal", "lila", "marron", "mauve",
    "mauves", "mela", "mor", "ra", "robo", "rosas", "rot", "rote", "rouge", "somnolent", "stern", "terrifies", "verdi", "vert", "viola",
    "violets",
})
# fmt: on
"""Common words of a language that people may type in English: they tell the language only where all of the text is in it."""
