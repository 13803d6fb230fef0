"""Invented words in eleven scripts, from which the sample school is made. Nobody here is real."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tongue:
    """Names of one language; `family_first` where the family name is written before the given one."""

    locale: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    cities: tuple[str, ...]
    family_first: bool = False
    joint: str = " "

    def full_name(self, given: str, family: str) -> str:
        """Both names as a speaker would write them."""
        first, second = (family, given) if self.family_first else (given, family)
        return f"{first}{self.joint}{second}"


TONGUES: tuple[Tongue, ...] = (
    Tongue(
        "en",
        ("Ada", "Bram", "Corin", "Delphie", "Elowen", "Fenn", "Isolde", "Juniper", "Orla", "Tamsin"),
        ("Ashgrove", "O'Marrow", "Pennywhistle-Hart", "Quillfeather", "Thornbury", "Wexcombe"),
        ("Lindgrove", "Saltmere"),
    ),
    Tongue(
        "cs",
        ("Žofie", "Řehoř", "Štěpánka", "Jiřík", "Ludmila", "Vojtěch"),
        ("Křížalová", "Hvězdný", "Třešňák", "Čmelíková", "Ďasný"),
        ("Březová Lhota", "Jezeří"),
    ),
    Tongue(
        "sv",
        ("Åsa", "Björn", "Örjan", "Märta", "Linnéa", "Håkan"),
        ("Älvkvist", "Ödmark", "Sjöhjort", "Norrängsberg"),
        ("Åvik", "Östersjövik"),
    ),
    Tongue(
        "pl",
        ("Łucja", "Święcisław", "Żaneta", "Bożydar", "Gębosław"),
        ("Brzęczyński", "Źrebiec", "Ćwikłowska", "Łąkowa"),
        ("Żabia Wólka",),
    ),
    Tongue(
        "tr",
        ("İpek", "Çağrı", "Şule", "Ömür", "Işıl"),
        ("Güneşoğlu", "Çınardağ", "Yıldızlı", "Ağaçkıran"),
        ("Iğdeli",),
    ),
    Tongue(
        "vi",
        ("Thảo Vy", "Quang Đạt", "Mỹ Duyên", "Hồng Ân"),
        ("Nguyễn", "Trần", "Đặng", "Phạm"),
        ("Suối Hoa",),
        family_first=True,
    ),
    Tongue(
        "uk",
        ("Ярина", "Остап", "Злата", "Данило", "Соломія", "Їржик"),
        ("Вербенко", "Зоряний", "Гайчук", "Щедрик", "Ґонтаренко"),
        ("Вербове", "Старий Ліс"),
    ),
    Tongue(
        "el",
        ("Δάφνη", "Λεωνίδας", "Ξένια", "Ορφέας", "Ιόλη", "Νεφέλη"),
        ("Ελαιώνας", "Θαλασσινός", "Αμπελίδου", "Πετροφρύδης"),
        ("Ελαιοχώρι", "Καλή Ακτή"),
    ),
    Tongue(
        "ar",
        ("ليان", "سراج", "ريماس", "غيث", "جوري", "بشر"),
        ("الزيتوني", "الواحة", "بحراوي", "النجمي"),
        ("واحة النخيل", "عين الورد"),
    ),
    Tongue(
        "he",
        ("נועה", "אביב", "טליה", "איתן", "שקד", "גפן"),
        ("אלון־שדה", "כוכבי", "רימונית", "נחלאל"),
        ("גבעת שקד",),
    ),
    Tongue(
        "hi",
        ("आरोही", "विहान", "काव्या", "तन्मय", "ऋषिका", "ईशान"),
        ("वनमाली", "सूर्यकर", "मेघराज", "पुष्पवल्ली"),
        ("फूलपुरी", "नदियाँव"),
    ),
    Tongue(
        "zh",
        ("子涵", "雨桐", "浩宇", "诗雅", "一诺", "𠮷祥"),
        ("欧阳", "林", "上官", "白", "苏"),
        ("青竹镇", "白鹭湾"),
        family_first=True,
        joint="",
    ),
    Tongue(
        "ja",
        ("さくら", "蒼空", "陽菜", "カイト", "ひかり", "結翔"),
        ("星ヶ丘", "風間瀬", "森乃", "月見里"),
        ("桜川町", "みどり台"),
        family_first=True,
    ),
    Tongue(
        "ko",
        ("하늘", "서아", "도담", "아라", "이솔", "가온"),
        ("별", "남궁", "솔", "한", "제갈"),
        ("푸른마을", "달빛리"),
        family_first=True,
        joint="",
    ),
    Tongue(
        "th",
        ("ใบบัว", "ภูผา", "น้ำทิพย์", "ตะวัน", "ปลายฟ้า"),
        ("ดอกแก้ว", "ทุ่งทอง", "ศรีจันทร์แจ่ม", "ธารใส"),
        ("บ้านสวนดอก",),
    ),
)

SCHOOL_NAMES: tuple[str, ...] = (
    "Lindgrove Primary",
    "Škola U Tří javorů",
    "Saltmere High",
    "Школа «Старий Ліс»",
    "Σχολείο Ελαιοχωρίου",
    "مدرسة واحة النخيل",
    "בית ספר גבעת שקד",
    "फूलपुरी विद्यालय",
    "青竹镇学校",
    "桜川町学園",
    "푸른마을 학교",
    "โรงเรียนบ้านสวนดอก",
    "Åvik Skola",
    "Quillfeather Academy 🪶",
)

# (code, name, area, course titles)
SUBJECTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("MAT", "Mathematics", "sciences", ("Algebra", "Geometry", "Probability & dice 🎲", "Calculus")),
    ("BIO", "Biology", "sciences", ("Life in a pond 🐸", "Cells", "Évolution")),
    ("PHY", "Physics", "sciences", ("Waves", "Astronomy 🔭", "Motion and forces")),
    ("LIT", "Literature", "languages", ("Fables", "Поэзия", "The short story", "Θέατρο")),
    ("LNG", "Languages", "languages", ("Français I", "日本語入門", "Español II", "العربية للمبتدئين")),
    ("HIS", "History", "humanities", ("Trade routes", "Maps 🗺️ and makers", "Dějiny měst")),
    ("ART", "Arts", "arts", ("Drawing ✏️", "Choir", "संगीत", "Theatre 🎭")),
    ("INF", "Computing", "technology", ("Robotics 🤖", "Databases", "Web & data")),
    ("SPO", "Sport", "health", ("Athletics", "Swimming 🏊🏽‍♀️", "체육")),
)

TASKS: tuple[str, ...] = (
    "Quiz",
    "Lab report 🧪",
    "Essay",
    "Group poster 👩‍🔬👨🏾‍🎨",
    "Reading log 📚",
    "Volcano model 🌋",
    "Контрольная работа",
    "小テスト",
    "Übungsblatt",
    "Final project 🚀",
)

# None comes often: an optional field is empty more often than not in a real export.
DESCRIPTIONS: tuple[str | None, ...] = (
    None,
    None,
    None,
    "",
    "Bring a notebook 📓 and something to write with.",
    "Two lines:\nthe second one ends here.",
    'A "quoted" word, a back\\slash and a\ttab.',
    "Pour celles et ceux qui aiment l'été à l'école.",
    "Открыто для всех классов.",
    "كل يوم ثلاثاء بعد الدرس.",
    "每周三下午，请带尺子。",
    "<b>Not</b> markup & not an entity: &amp;",
    "🏳️‍🌈 Everyone is welcome 🇪🇺 👨‍👩‍👧‍👦",
)
