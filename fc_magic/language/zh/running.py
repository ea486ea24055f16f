"""What runs a cell without deploying it, and what its events and costs are."""

WORDS = {
    "starting the local Function Compute …": "正在启动本地函数计算 …",
    "the local Function Compute started in {0} s": "本地函数计算已启动，用时 {0} 秒",
    'the event was empty; the function reads JSON, such as {{"key": "value"}}': (
        '事件为空；函数读取 JSON，如 {{"key": "value"}}'
    ),
    "{0}: what its calls cost, by what was measured of them, and what would suit better": (
        "{0}：按实测的调用计算费用，并给出更合适的设置"
    ),
    "there are two sources: --folder, {0}": "有两个代码来源：--folder、{0}",
    "runs the cell's handler once, in an instance of the local Function Compute; nothing is deployed, and nothing stays": (
        "在本地函数计算的实例中执行一次单元格的请求处理程序；不部署，也不保留任何内容"
    ),
    "what the function is called while it runs": "函数运行时的名称",
    "others": "其他",
    "those of %%fcdeploy, which %%fcdeploy --help lists, but for {0}": (
        "%%fcdeploy 的选项，由 %%fcdeploy --help 列出，但 {0} 除外"
    ),
    "%%fcrun runs the cell here: there is no {0}": "%%fcrun 在本地运行单元格，没有 {0}",
    "{0} has no effect: nothing is deployed": "{0} 不起作用：不部署任何内容",
    "write def handler(event, context): … below the %%fcrun line": (
        "在 %%fcrun 行下方写 def handler(event, context): …"
    ),
    "write a program that serves HTTP on 0.0.0.0:9000 below the %%fcrun line": (
        "在 %%fcrun 行下方写一个在 0.0.0.0:9000 提供 HTTP 服务的程序"
    ),
    "write exports.handler = async (event, context) => … below the %%fcrun line": (
        "在 %%fcrun 行下方写 exports.handler = async (event, context) => …"
    ),
    "what the handler is called with: JSON or any text": "调用请求处理程序的事件：JSON 或任意文本",
    "the same, from a file": "同上，来自文件",
}
