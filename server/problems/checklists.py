"""Refusals of forms and their drafts."""

from server.problems.table import ASK, FIX, problem

FormNotFound = problem(404, "form.not-found", ("没有这个表单版本", "No such form version."), ASK)
FormVersionExists = problem(
    409,
    "form.version-exists",
    ("该版本已发布且内容不同", "This version is published already, with other content."),
    ("请修改版本号后重新发布。", "Give it another version number and publish again."),
)
FormUncompilable = problem(422, "form.uncompilable", ("表单无法编译", "The form can't be compiled."), FIX)
FormFaulty = problem(
    422,
    "form.faulty",
    ("表单有错误，不能发布", "The form has errors and can't be published."),
    ("请按 findings 逐项更正后重新发布。", "Correct what findings list, then publish."),
)
FormInstanceUnusable = problem(
    422,
    "form.instance-unusable",
    ("无法迁移这份草稿", "This draft of a record can't be moved."),
    ("请用草稿原来的表单版本继续填写。", "Go on with the version of the form that it was begun with."),
)
FormDraftNotFound = problem(
    404, "form.draft-not-found", ("没有这个表单草稿", "No such draft of a form."), ASK
)
FormDraftPublished = problem(
    409,
    "form.draft-published",
    ("该草稿已发布，不能再改动", "The draft is published and stands."),
    ("请以新版本号另建草稿。", "Make a new draft with another version number."),
)
FormDraftsFull = problem(
    409,
    "form.too-many-drafts",
    ("未发布的草稿过多", "There are too many drafts."),
    ("请先发布或删除不再需要的草稿。", "Publish or delete some first."),
)
