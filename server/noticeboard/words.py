"""The site's words: what it says in English, and its Chinese, which most people read."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # The frame of every page
    "Skip to the content": "跳到正文",
    "Parts of the site": "栏目",
    "Item lists": "抽查事项清单",
    "Annual plans": "年度抽查计划",
    "Work schemes": "抽查工作方案",
    "Draws": "随机抽取",
    "Results": "检查结果",
    "Open data": "开放数据",
    "About": "关于",
    "About and contact": "关于与联系方式",
    "Announcements": "最新公告",
    "Feed (Atom)": "订阅（Atom）",
    "Source": "来源",
    "as of": "截至",
    "Telephone": "联系电话",
    "Complaints about inspections": "监督投诉电话",
    "Check a document": "文书核验",
    "Whether a document was issued by this bureau and still stands. Nothing of what is in it is shown, and nobody is named.": "核验文书是否由本机关制作、是否仍然有效；不显示文书内容，也不涉及任何个人信息。",
    "Genuine: issued, and in force.": "相符：本机关制作的现行文书。",
    "Genuine, but a later one of the same number took its place.": "相符，但已被后来制作的同号文书代替。",
    "Genuine, but it was withdrawn.": "相符，但该文书已撤回。",
    "Issued": "制作日期",
    "the newest is {number}": "现行为第 {number} 次制作",
    "What agrees": "相符的是",
    "the file (PDF) itself": "文件（PDF）本身",
    "the hash of its content; compare it with the one at the foot of the paper": "内容的哈希值，请与纸面页脚所印核对",
    "No document was issued with this number and hash. Compare both with the paper; if they agree, ask the bureau that it names.": "没有制作过与之相符的文书。请与纸面核对文号和哈希值；确实一致的，请向文书所列机关查询。",
    "SHA-256, 64 digits: at the foot of the paper, or of the PDF file": "SHA-256（64 位）：纸面页脚所印，或 PDF 文件的",
    "Check it": "核验",
    "Kind of document": "文书种类",
    "Number of the document": "文号",
    "Pages": "翻页",
    "Pages, again": "翻页（页尾）",
    "First page": "第一页",
    "Next page": "下一页",
    "Previous page": "上一页",
    "Page {number} of {count}, {total} entries": "第 {number} / {count} 页，共 {total} 条",
    "all": "全部",
    "Show": "查看",
    "Search": "查询",
    "Files": "文件",
    "Home": "首页",
    # Home
    "Who is inspected and by whom is drawn by chance; plans, draws and results are open to everybody.": (
        "随机抽取检查对象，随机选派执法检查人员；计划、抽取过程和检查结果向社会公开。"
    ),
    "Look up the results of an enterprise": "查询企业的检查结果",
    "Name or unified social credit code, or its beginning": "名称或统一社会信用代码（可只输入开头部分）",
    "Nothing has been announced yet.": "暂无公告。",
    "Item list": "事项清单",
    "Annual plan": "年度计划",
    "Plan changed": "计划变更",
    "Work scheme": "工作方案",
    "Draw": "抽取",
    "Item list, version {number}": "随机抽查事项清单（第 {number} 版）",
    "What is open here": "公开内容",
    "Which matters are inspected, on which legal basis, how often; every version and what it changed.": (
        "抽查哪些事项、依据什么法律、多久一次；每一版及其变化。"
    ),
    "What is inspected this year; what was changed, old beside new.": "本年度抽查什么；有变更的，新旧对照。",
    "How one inspection is carried out, published before it is.": "一次抽查怎样实施，在实施之前公布。",
    "How objects and inspectors were drawn; anybody can repeat it.": (
        "检查对象和检查人员是怎样抽出来的；任何人都可以重新验证。"
    ),
    "What was found, what follows, and what was corrected.": "检查发现了什么、如何处理、作过哪些更正。",
    "The same as files for machines, every field explained.": "以上内容的数据文件，逐个字段说明。",
    # About
    "This site shows what natural-resources bureaus publish about inspections by “double random, one open”: objects and "
    "inspectors are drawn at random, and results are open.": (
        "本站公示自然资源主管部门“双随机、一公开”监管信息：随机抽取检查对象、随机选派执法检查人员，检查结果公开。"
    ),
    "No person is named here, no address, telephone number, position or photo: only the fields that the open data page "
    "lists are ever published.": (
        "本站不公开任何个人姓名、住址、电话、坐标和照片；检查结果只公开“开放数据”页所列字段。"
    ),
    "Contact": "联系方式",
    "Published by": "主办单位",
    "Office": "承办科室",
    "Address": "办公地址",
    "Filing number": "备案号",
    "Licence of the data": "数据许可",
    "Objections": "异议处理",
    "Whoever was inspected and finds a published result wrong may object to the bureau that inspected; while an "
    "objection is looked into, the result says so.": (
        "被检查对象认为公示的检查结果有误的，可以向实施检查的机关提出异议；异议处理期间，公示信息会予以注明。"
    ),
    "Bureaus that publish here": "在本站公示的机关",
    # What could not be shown
    "There is no such page.": "没有这个页面",
    "It is not public any more.": "该信息已不再公示",
    "This can’t be understood.": "无法识别查询条件",
    "Too many requests.": "访问过于频繁",
    "Too many people are here at the moment.": "当前访问人数较多",
    "This did not work.": "页面暂时无法显示",
    "The address may be mistyped, or what was there was taken back. Nothing that was published moves.": (
        "网址可能有误，或者该信息已被撤回。已公布的内容不会更换网址。"
    ),
    "A name needs two characters at least, a day looks like 2026-03-01.": (
        "名称至少输入两个字；日期格式如 2026-03-01。"
    ),
    "Please wait a minute; files for machines are on the open data page.": (
        "请稍候一分钟再访问；批量获取请使用“开放数据”页的文件。"
    ),
    "Please come again in a moment.": "请稍后再来。",
    "It has been noted. Please come again later.": "问题已记录，请稍后再来。",
    "Come again in {seconds} seconds.": "请在 {seconds} 秒后重试。",
    # Lists
    "Nothing outside its list is inspected. Every adjustment is a version of its own, with a reason, and stays readable.": (
        "清单之外无检查。每次动态调整都形成新的一版，注明原因，各版均可查阅。"
    ),
    "Kind": "类别",
    "Inspection items": "随机抽查事项清单",
    "Responsibilities of several departments": "多部门监管责任事项清单",
    "In force on": "在何日有效",
    "No list is published that answers this.": "没有符合条件的已公布清单。",
    "Bureau": "机关",
    "Version": "版本",
    "Version {number}": "第 {number} 版",
    "Versions": "历次版本",
    "In force from": "施行日期",
    "Entries": "条目",
    "Reason": "原因",
    "Published": "公布时间",
    "Approval": "批准文号",
    "What changed since the version before": "与上一版相比的变化",
    "Nothing that is shown here changed.": "此处所列内容没有变化。",
    "added": "新增",
    "removed": "删除",
    "changed": "变更",
    "Field": "项目",
    "before": "原为",
    "now": "现为",
    "Code": "事项代码",
    "Matter": "抽查事项",
    "Category": "事项类别",
    "Inspecting body": "检查主体",
    "Objects": "抽查对象",
    "What is inspected": "抽查内容",
    "Legal basis": "抽查依据",
    "Standard": "抽查标准和要点",
    "Manner": "抽查方式",
    "Share": "抽查比例",
    "Frequency": "抽查频次",
    "Section": "责任处室",
    "Lead department": "牵头部门",
    "Departments": "参与部门",
    "Remark": "备注",
    "Responsibility": "监管责任事项",
    "Cooperating departments": "配合部门",
    "Matters": "抽查事项",
    # Plans and schemes
    "Year": "年度",
    "Plan": "抽查计划",
    "Document number": "发文文号",
    "No plan is published that answers this.": "没有符合条件的已公布计划。",
    "This is an earlier version.": "这是较早的版本。",
    "The plan as it stands": "查看现行计划",
    "of the bureau": "本部门计划",
    "of several departments": "部门联合计划",
    "of the province": "省级计划",
    "Inspections of the plan": "抽查任务",
    "No.": "序号",
    "Task number": "任务编号",
    "Task": "抽查任务",
    "Sampling": "抽查类型",
    "Credit-risk rule": "信用风险分类",
    "Period": "起止时间",
    "Initiator": "发起单位",
    "Lead section": "牵头科室",
    "Bodies": "发起、配合与检查主体",
    "Taken out of the plan": "已从计划中取消",
    "No work scheme is published yet.": "尚未公布工作方案。",
    # Draws
    "Before anything is drawn, the hash of a secret is published; then the frame is frozen, then the secret is revealed and "
    "list and pairs follow from both. Whoever has the file finds them again, also without us.": (
        "抽取之前先公布密值的摘要（承诺），再封存抽取底册，最后揭示密值；名单和人员配对由两者计算得出。"
        "任何人拿到文件都能重新算出同样的结果，不依赖本站。"
    ),
    "Nothing was drawn yet.": "尚未进行抽取。",
    "Number": "批次",
    "State": "状态",
    "Promise": "公布承诺",
    "Frame frozen": "封存底册",
    "Revealed and drawn": "揭示并抽取",
    "Publication": "发布",
    "announced": "已公布承诺",
    "frame frozen": "底册已封存",
    "drawn": "已抽取",
    "published": "已发布",
    "given up": "已放弃",
    "drawn anew": "已重新抽取",
    "objects and inspectors": "抽取对象和检查人员",
    "objects": "抽取对象",
    "inspectors for locked objects": "为已锁定对象抽取检查人员",
    "It was drawn anew.": "本次抽取已被重新抽取代替。",
    "The new draw": "查看重新抽取",
    "It takes the place of an earlier draw.": "本次抽取代替了此前的抽取。",
    "The earlier draw": "查看此前的抽取",
    "Its objects were drawn and locked before.": "检查对象此前已抽取并锁定。",
    "The draw of its objects": "查看对象的抽取",
    "Four steps": "四个步骤",
    "not yet": "尚未进行",
    "Inspections from … to": "检查时间",
    "Promise (hash of the secret)": "承诺（密值的摘要）",
    "Digest of the frame": "底册摘要",
    "Secret": "密值",
    "Seed": "种子",
    "Public randomness": "公共随机数",
    "Frame": "抽取底册",
    "Stratum": "分层",
    "in the frame": "底册内",
    "left out": "未参加抽取",
    "Left out": "未参加抽取的原因",
    "drawn earlier this year": "本年度前一批次已抽取",
    "inspected often enough this year": "已达年度检查频次上限",
    "cancelled or revoked": "注销或吊销",
    "out of business for now": "停产停业",
    "under investigation": "正在立案查处",
    "other reasons": "其他原因",
    "Check it yourself": "自行验证",
    "Check it in this browser": "在本页验证",
    "Checking …": "正在验证……",
    "It holds: list and pairs follow from the promise and the frame, and this page shows that list.": (
        "验证通过：名单和人员配对确由承诺和底册得出，本页所列名单与之一致。"
    ),
    "The file holds, but this page shows another list. Please tell us, and keep both.": (
        "文件验证通过，但本页所列名单与文件不一致。请保存两者并告知我们。"
    ),
    "The file could not be read. Please try again, or check it with the program below.": (
        "未能读取文件，请重试，或用下面的程序验证。"
    ),
    "Without us: load both files, on any computer with Python 3.11, and run": (
        "不依赖本站：在任何装有 Python 3.11 的电脑上下载以下文件，然后运行"
    ),
    "People stand here as hashes. Whoever is shown a certificate can tell that its bearer was drawn: it is the first 32 "
    "digits of": (
        "检查人员以摘要表示。出示执法证件时，任何人都能核对持证人是否被抽中，摘要为以下结果的前 32 位："
    ),
    "issuer": "发证机关",
    "certificate number": "证件编号",
    "Drawn: {n}": "抽取名单（{n}）",
    "Inspected object": "检查对象",
    "Inspectors (certificate hashes)": "检查人员（证件摘要）",
    "too few inspectors in the region": "本区域检查人员不足",
    "too few without an interest": "无利害关系的检查人员不足",
    "nobody who may lead": "没有可以主检的人员",
    "everybody has enough visits": "检查人员任务已满",
    "Replacements": "人员更换",
    "Who can’t go is replaced by the next by chance; the cause is public.": (
        "不能参加检查的，由随机顺序的下一位替换，原因公开。"
    ),
    "When": "时间",
    "out": "换出",
    "in": "换入",
    "Cause": "原因",
    "can't go": "不能到岗",
    "has an interest (recusal)": "依法回避",
    "certificate not valid": "证件失效或不在名录库",
    # Results
    "Region": "行政区划",
    "Result": "检查结果",
    "No problem found": "未发现问题",
    "Problem found": "发现问题",
    "Other result": "其他结果",
    "Inspected on": "检查日期",
    "Inspected from": "检查日期从",
    "to": "至",
    "Credit code": "统一社会信用代码",
    "Objection": "异议",
    "All results of this object": "该对象的全部检查结果",
    "Nothing public answers this. A name is found by its beginning, as it is registered.": (
        "没有符合条件的公示结果。名称请按登记的名称从开头输入。"
    ),
    "What is public of it, the newest inspection first; what was corrected or taken back leaves a trace.": (
        "该对象的公示信息，最近的检查在前；更正或撤回的保留痕迹。"
    ),
    "What follows": "后续处置",
    "How far": "处置进度",
    "closed on": "完结于",
    "what follows is under way": "后续处置进行中",
    "The version that holds": "查看现行版本",
    "What was public of it": "公示记录",
    "corrected": "已更正",
    "withdrawn": "已撤回",
    # Open data
    "Everything that is public here is there for machines, too; no key, no registration.": (
        "本站公开的内容均提供数据文件，无需注册。"
    ),
    "In parts of 1000 rows in the order of change: read on at the address in the answer’s Link header, and keep the last "
    "one for the next time. What was corrected or withdrawn comes again as a row that says so. Cells that begin like a "
    "formula have a mark before them.": (
        "按变更先后分段，每段 1000 行：下一段的地址在应答的 Link 头中，记住最后一个地址，下次从那里继续。"
        "更正或撤回的会再次出现并注明。形似公式的单元格前加撇号。"
    ),
    "Fields": "字段说明",
    "Meaning": "含义",
    "Newest documents": "最新文件",
    "Document": "文件",
    "What was published never changes: its SHA-256 says whether what you hold is it. Of plans and schemes it is that of "
    "“document” as canonical JSON (names sorted, no blanks, UTF-8), of a draw that of its frame.": (
        "已公布的文件不再改变，可用 SHA-256 核对。计划和方案的摘要按 document 的规范 JSON"
        "（键名排序、无空格、UTF-8）计算，抽取的摘要按底册计算。"
    ),
    "Place in the draw": "抽取顺序",
    "Names this publication; stays the same for ever": "公示编号，永久不变",
    "public, corrected or withdrawn": "公示（public）、已更正（corrected）或已撤回（withdrawn）",
    "When it was made public (UTC)": "公示时间（UTC）",
    "When it last changed (UTC); files come in this order": "最近变更时间（UTC），文件按此排序",
    "Number of the visit": "任务编号",
    "Name of the visit": "任务名称",
    "Annual plan it is part of": "所属年度计划",
    "Draw that chose it": "抽取批次",
    "Bureau that inspected": "实施检查的机关",
    "Division code (GB/T 2260)": "行政区划代码（GB/T 2260）",
    "Name of the division": "行政区划名称",
    "Who or what was inspected": "检查对象名称",
    "enterprise, project, product or act": "企业（enterprise）、项目（project）、产品（product）或行为（act）",
    "Unified social credit code (GB 32100); empty where there is none": "统一社会信用代码（GB 32100），没有则为空",
    "Code of the matter in the item list": "事项在清单中的代码",
    "Name of the matter": "抽查事项名称",
    "Day of inspection": "检查日期",
    "Codes of the result": "检查结果代码",
    "The result in words": "检查结果",
    "Codes of what follows": "后续处置代码",
    "What follows, in words": "后续处置",
    "Counts corrections, from 1": "版本，从 1 起计",
    "Day on which nothing was left to be done": "全部处置完结的日期",
    "An objection that stands, if any": "未了结的异议",
    "Why it was corrected or withdrawn": "更正或撤回的原因",
}
