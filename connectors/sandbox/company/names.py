"""The vocabulary of the generated company: people, firms, departments, titles, subjects. English mostly, some Chinese."""

FIRST = (
    *("Anna", "Ben", "Clara", "David", "Elena", "Felix", "Grace", "Henry", "Ines", "Jonas", "Karin", "Liam", "Maria", "Noah"),
    *("Olivia", "Peter", "Quentin", "Rosa", "Samuel", "Tessa", "Ulrich", "Vera", "William", "Xenia", "Yannick", "Zoe"),
    *("José", "Zoë", "Björn", "Siobhán", "François", "Łukasz", "伟", "芳", "娜", "敏", "静", "强", "磊", "洋"),
)
FIRST_ASCII = (
    *("anna", "ben", "clara", "david", "elena", "felix", "grace", "henry", "ines", "jonas", "karin", "liam", "maria", "noah"),
    *("olivia", "peter", "quentin", "rosa", "samuel", "tessa", "ulrich", "vera", "william", "xenia", "yannick", "zoe"),
    *("jose", "zoe", "bjoern", "siobhan", "francois", "lukasz", "wei", "fang", "na", "min", "jing", "qiang", "lei", "yang"),
)
CHINESE_FIRST = range(32, 40)
LAST = (
    *("Adler", "Becker", "Carter", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanova", "Jones", "Keller", "Larsen"),
    *("Meyer", "Novak", "Olsen", "Patel", "Quinn", "Rossi", "Schmidt", "Taylor", "Urban", "Vogel", "Walker", "Young"),
    *("Müller", "O'Brien", "Nuñez", "Ångström", "Øster", "D'Angelo", "王", "李", "张", "刘", "陈", "杨", "赵", "黄"),
)
LAST_ASCII = (
    *("adler", "becker", "carter", "dubois", "evans", "fischer", "garcia", "hansen", "ivanova", "jones", "keller", "larsen"),
    *("meyer", "novak", "olsen", "patel", "quinn", "rossi", "schmidt", "taylor", "urban", "vogel", "walker", "young"),
    *("mueller", "obrien", "nunez", "angstroem", "oester", "dangelo", "wang", "li", "zhang", "liu", "chen", "yang", "zhao", "huang"),
)
CHINESE_LAST = range(30, 38)

INDUSTRIES = ("Manufacturing", "Healthcare", "Banking", "Retail", "Energy", "Telecommunications", "Transportation", "Technology")
ACCOUNT_STEMS = (
    *("Nordwind", "Helvetia", "Atlas", "Borealis", "Cobalt", "Delta", "Evergreen", "Falcon", "Granite", "Horizon", "Iris", "Juniper"),
    *("Kestrel", "Lumen", "Meridian", "Nimbus", "Orion", "Pioneer", "Quarz", "Rheingold", "Sterling", "Tundra", "Union", "Vector"),
    *("Hanlin", "Huaxin", "Jinshan", "东方", "长江", "泰山", "Béarn", "Škofja"),
)
ACCOUNT_FIELDS = (
    "Logistics",
    "Motors",
    "Foods",
    "Pharma",
    "Systems",
    "Energy",
    "Textiles",
    "Packaging",
    "Optics",
    "Materials",
    "Media",
    "Tools",
)
ACCOUNT_FORMS = ("GmbH", "Inc.", "Ltd", "AG", "S.A.", "Group", "有限公司")
CITIES = ("Hamburg", "Lyon", "Zürich", "Boston", "Austin", "Toronto", "Shanghai", "Shenzhen", "Chengdu", "北京", "Leeds", "Malmö")

DEPARTMENTS = (
    *("Management", "IT", "Finance", "Procurement", "Operations", "Research and Development"),
    *("Information Technology", "Purchasing", "信息部", "采购部", "Qualität & Produktion"),
)
DEPARTMENT_WEIGHTS = (0.12, 0.16, 0.13, 0.14, 0.15, 0.12, 0.05, 0.04, 0.03, 0.03, 0.03)
DEPARTMENT_FUNCTION = (
    *("", "IT", "Finance", "Procurement", "Operations", "Development"),
    *("IT", "Procurement", "IT", "Procurement", "Production"),
)
LEVELS = ("Chief {} Officer", "Head of {}", "{} Manager", "{} Specialist")
MANAGEMENT_TITLES = ("Chief Executive Officer", "Managing Director", "Assistant to the Board", "Executive Assistant")
CHINESE_TITLES = ("总经理", "总监", "经理", "专员")
CHINESE_DEPARTMENTS = (8, 9)

MEETING_SUBJECTS = (
    "Quarterly review",
    "Product demonstration",
    "Workshop",
    "Project status",
    "方案交流",
    "Lunch",
    "Contract talk",
    "Roadmap",
)
CALL_SUBJECTS = ("Call", "Follow-up call", "Call: next steps", "Call about the offer", "Check-in", "电话沟通")
MAIL_SUBJECTS = (
    "Your offer",
    "Next steps",
    "Minutes of our meeting",
    "Question about delivery",
    "报价单",
    "Contract draft",
    "Documents",
    "Thank you",
)
TODO_SUBJECTS = ("Prepare offer", "Send samples", "Update forecast", "Book travel", "Review contract", "整理资料")
