"""A complete, truthful record of the check of an approved map, printed on a product and shown on a website.

The task's register knows the approval number (`registration_no`); the product does not show it.
"""

from datetime import UTC, date, datetime

ANSWERS = {
    "/data/map": {
        "map_title": "阳城县全域旅游导览图",
        "approved_on": date(2025, 8, 15),
        "applicant": "阳城县文化和旅游局",
        "publisher": "阳城县文化和旅游局",
        "same_user": "yes",
        "carriers": ["product", "website"],
        "url": "https://map.example.cn/yangcheng",
        "published": "yes",
        "published_on": date(2025, 10, 1),
    },
    "/data/demands": [
        {"demand_no": 1, "demand": "按标准画法修改县界", "demand_done": "yes"},
        {"demand_no": 2, "demand": "删除未公开的设施注记", "demand_done": "yes"},
    ],
    "/data/number": {"marking": "missing", "number_photo": "number.jpg"},
    "/data/filing": {
        "sample_filed": "yes",
        "sample_filed_on": date(2025, 9, 20),
        "sample_receipt": "样本2025-118",
        "content_changed": "no",
        "file_forged": "no",
        "number_forged": "no",
    },
    "/data/errors": {"map_errors": ["none"]},
    "/data/pages": [
        {
            "page_no": 1,
            "page_url": "https://map.example.cn/yangcheng/index.html",
            "captured_at": datetime(2026, 9, 14, 2, 10, tzinfo=UTC),
            "page_content": "首页导览图，页面未标注审图号",
            "page_file": "page-1.png",
        }
    ],
    "/data/conclusions": {
        code: {"answer": "conform"}
        for code in (
            "MAP_AS_REVIEWED",
            "MAP_FORGED_APPLICATION",
            "MAP_FORGED_NUMBER",
            "MAP_SAMPLE_FILED",
            "MAP_CONTENT_CHANGED",
            "MAP_PROBLEM",
        )
    }
    | {
        "MAP_NUMBER_MARKED": {
            "answer": "not_conform",
            "problem": "文创产品图面和网站页面均未标注审图号。",
            "basis": "《地图管理条例》关于标注审图号的规定",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 15),
        }
    },
}
