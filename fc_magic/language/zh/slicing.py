"""What of the notebook goes with a cell, and why something cannot."""

WORDS = {
    "{0}: its cache starts empty there; it has {1} results here": (
        "{0}：其缓存在函数环境中为空；此处有 {1} 个结果"
    ),
    "{0}: its cache starts empty there; it has {1} result here": (
        "{0}：其缓存在函数环境中为空；此处有 {1} 个结果"
    ),
    "no cell that was executed has its class statement as it is now": (
        "执行过的单元格中没有与其现状一致的 class 语句"
    ),
    "its class statement is inside of a function or of another class": (
        "其 class 语句位于函数或另一个类的内部"
    ),
    "{0} have different class statements that may be its own": "{0}中有不同的 class 语句，都可能是它的",
    "its base {0} is another class now": "其基类 {0} 现在是另一个类",
    "its base {0} is no class now": "其基类 {0} 现在不是类",
    "it has decorators of a library and of this notebook": "它同时有库和此 Notebook 的装饰器",
    "its private names are those of {0}, which is another class now": (
        "其私有名称属于 {0}，而后者现在是另一个类"
    ),
    "it is a method outside of its class": "它是类之外的方法",
    "it shares variables with functions of two other ones": "它与两组函数共享变量",
    "it holds too many functions": "它引用的函数过多",
    "it shares variables with functions that are made in different places": (
        "它与在不同位置创建的函数共享变量"
    ),
    "it shares variables with a function that has another {0}": "它与另一个函数共享变量，而后者的 {0} 不同",
    "its variable {0} has no value yet": "其变量 {0} 尚无值",
    "it has the name of a variable that it holds": "它与所引用的变量同名",
    "what it does for {0} cannot be written": "它对 {0} 的作用无法写成代码",
    "--exclude {0}: nothing of the notebook by that name would go along": (
        "--exclude {0}：Notebook 中没有该名称的内容会随函数部署"
    ),
    "no cell that was executed has its source as it is now": "执行过的单元格中没有与其现状一致的源代码",
    "its source means something else outside of where it stands": "其源代码在原位置之外含义不同",
    "its defaults were replaced by others": "其默认值已被替换",
    "defaults of its methods were replaced by others": "其方法的默认值已被替换",
    "it has an attribute {0}": "它有属性 {0}",
    "it has a level, handlers or filters of its own": "它有自己的级别、handler 或过滤器",
    "set them inside of the function": "在函数内部设置",
    "it may need any name of the notebook": "它可能需要 Notebook 中的任何名称",
    "only a notebook has it": "只有 Notebook 中才有",
    "it fails when it is looked at: {0}: {1}": "查看它时失败：{0}：{1}",
    "the slice": "切片",
    "making class {0} again runs {1}, which may change it": "重新创建类 {0} 会执行 {1}，可能改变它",
    "it is an SList of IPython, and the function would ask a list for what only that has": (
        "它是 IPython 的 SList，而函数会用到普通 list 没有的功能"
    ),
    "{0}, line {1} changed it: {2}": "{0} 第 {1} 行改变了它：{2:say}",
    "{0} was left out (--exclude); it is used in {1}": "{0} 已被排除（--exclude）；它在{1:say}中被使用",
    "print, or return the value": "print，或返回该值",
    "the notebook replaced the builtin of that name": "Notebook 替换了该名称的内置对象",
    "it has {0}: {1}": "它有 {0:say}：{1:say}",
    "{0} means another {1} than the notebook": "{0:say}中的 {1} 与 Notebook 中的不同",
    "{0} uses {1}, which the cell binds anew": "{0:say}使用了 {1}，而单元格重新定义了它",
    "give the value a name of its own": "为该值另取一个名称",
    "it has all names of the notebook": "它包含 Notebook 的所有名称",
    "globals() inside of the function": "在函数内部使用 globals()",
    "what is deployed is called where it is": "已部署的函数在其所在处调用",
    "call it by its URL, or with an SDK": "通过 URL 或 SDK 调用",
    "it is a module that was made in the notebook": "它是在 Notebook 中创建的模块",
    "{0} goes as if nothing had happened (--exclude): {1}": "{0} 按未发生任何事处理（--exclude）：{1:say}",
    "module {0} goes as its file is (--exclude), though {1}": (
        "模块 {0} 按文件原样部署（--exclude），尽管{1:say}"
    ),
    "module {0} goes as its file is (--exclude)": "模块 {0} 按文件原样部署（--exclude）",
    "{0}: a class that was made by a call": "{0}：由调用创建的类",
    "its file cannot be read any more": "其文件已无法读取",
    "its file was edited after it was imported": "其文件在导入后被修改",
    "{0} was replaced from the notebook": "{0} 在 Notebook 中被替换",
    "its file was edited after it was imported: {0} is another one there": (
        "其文件在导入后被修改：其中的 {0} 已不同"
    ),
    "its {0} is not what its file says any more": "其 {0} 与文件内容已不一致",
    "code that is nested too deeply to be read": "嵌套过深而无法读取的代码",
    "{0}: each needs the other when it is made": "{0}：创建时互相需要",
    "{0} in {1}": "{1} 中的 {0}",
    "{0} of a text that is made when it runs": "对运行时生成的文本执行 {0}",
    "used in {0}: {1}": "用于{0:say}：{1:say}",
    "used in {0}: {1} ({2})": "用于{0:say}：{1:say}（{2}）",
    "a name": "一个名称",
    "{0} names": "{0} 个名称",
    "compute it inside of the function, bring it with --file or --env": (
        "在函数内部计算，或用 --file、--env 带入"
    ),
    "compute it inside of the function, bring it with --file or --env, or leave it out: --exclude {0}": (
        "在函数内部计算，或用 --file、--env 带入，或排除它：--exclude {0}"
    ),
    "a name of this notebook cannot go with the function": "此 Notebook 的一个名称无法随函数部署",
    "{0} names of this notebook cannot go with the function": "此 Notebook 的 {0} 个名称无法随函数部署",
    "restart the kernel, or importlib.reload it; --exclude {0} sends its file as it is": (
        "重启内核，或使用 importlib.reload；--exclude {0} 按文件原样发送"
    ),
    "module {0}: {1}": "模块 {0}：{1:say}",
    "module {0}": "模块 {0}",
    "module {0}, which {1} imports": "模块 {0}，由 {1} 导入",
    "{0} is {1} here and {2} there": "{0} 此处为 {1}，函数环境中为 {2}",
    "{0} was set for the notebook and not for the function: {1}, and {2} more": (
        "{0} 是为 Notebook 设置的，函数中没有：{1:say}，另有 {2} 项"
    ),
    "{0} was set for the notebook and not for the function: {1}": (
        "{0} 是为 Notebook 设置的，函数中没有：{1:say}"
    ),
    "the notebook cannot be read: its code is nested too deeply": "无法读取 Notebook：其代码嵌套过深",
    "module {0}, imported in {1}": "模块 {0}，在{1:say}中导入",
    "a name of this notebook cannot go with the function: its file does not tell all of them": (
        "此 Notebook 的一个名称无法随函数部署：仅凭文件无法得知其全部内容"
    ),
    "{0} names of this notebook cannot go with the function: its file does not tell all of them": (
        "此 Notebook 的 {0} 个名称无法随函数部署：仅凭文件无法得知其全部内容"
    ),
    "deploy from the notebook, where it is known": "在 Notebook 中部署，那里可以得知",
    "deploy from the notebook, where it is known, or leave it out: --exclude {0}": (
        "在 Notebook 中部署，那里可以得知，或排除它：--exclude {0}"
    ),
    "its cell is tagged raises-exception: how far it runs is not known": (
        "其单元格带有 raises-exception 标签：不知会执行到哪里"
    ),
    "input() asks a person, and there is none where a function starts": (
        "input() 需要人来回答，而函数启动时没有人"
    ),
    "only a notebook can await at its top level": "只有 Notebook 能在顶层 await",
    "__name__ is __main__ in a notebook, and index where it is deployed": (
        "__name__ 在 Notebook 中是 __main__，部署后是 index"
    ),
    "its cells ran in another order than they stand in the file, which is the order that counts here": (
        "其单元格的执行顺序与文件中的顺序不同，此处以文件中的顺序为准"
    ),
    "{0} ended in an error when it ran last": "{0} 上次执行时以错误结束",
    "the cell has from __future__ import {0}, and its file has it, too: annotations of {1} are texts there": (
        "单元格中有 from __future__ import {0}，其文件中也有：{1} 的注解在那里是文本"
    ),
    "from {0} import * goes along: which names it binds is not known from the file": (
        "from {0} import * 会一并部署：仅凭文件无法得知它引入了哪些名称"
    ),
    "it is deleted before": "它在此之前被删除",
    "only a notebook has display": "只有 Notebook 中才有 display",
    "only a notebook has get_ipython": "只有 Notebook 中才有 get_ipython",
    "only a notebook has In": "只有 Notebook 中才有 In",
    "only a notebook has Out": "只有 Notebook 中才有 Out",
    "only a notebook has exit": "只有 Notebook 中才有 exit",
    "only a notebook has quit": "只有 Notebook 中才有 quit",
    "it is deleted here": "它在此处被删除",
    "only a notebook has the last answer": "只有 Notebook 中才有上一个结果",
    "{0} may set or read any name": "{0} 可能设置或读取任何名称",
    "{0} may set or change it, and a file cannot tell": "{0} 可能设置或更改它，仅凭文件无法得知",
    "any name": "任何名称",
    "the cell is not Python ({0})": "单元格不是 Python（{0}）",
    "line {0} is {1}": "第 {0} 行是 {1}",
    "get_ipython() may set or change any name": "get_ipython() 可能设置或更改任何名称",
    "{0} is a function that is deployed; call it by its trigger, or put its code here": (
        "{0} 是已部署的函数；通过其触发器调用，或将其代码放在这里"
    ),
    "it is set by {0}": "它由 {0} 设置",
    "it is set by {0}, which a file cannot tell": "它由 {0} 设置，仅凭文件无法得知",
    "it is set by {0}; import it from there": "它由 {0} 设置；请从那里导入",
    "{0} may set it, and a file cannot tell": "{0} 可能设置它，仅凭文件无法得知",
    "{0}, which {1}(…) did,": "{1}(…) 执行的 {0}",
    "{0} of {1}, line {2}, was for the notebook: the function does not have it; --env {3}=VALUE sets it": (
        "{1} 第 {2} 行的 {0:say} 只对 Notebook 生效：函数中没有；--env {3}=VALUE 可设置它"
    ),
    "{0} of {1}, line {2}, was for the notebook: the function does not have it": (
        "{1} 第 {2} 行的 {0:say} 只对 Notebook 生效：函数中没有"
    ),
    "too large: an array of {0} bytes, and all files may have {1}": (
        "过大：数组有 {0} 字节，而所有文件最多 {1}"
    ),
    "an array of the dtype {0}, which no file of numpy holds as it is": (
        "dtype 为 {0} 的数组，numpy 文件无法原样保存"
    ),
    "too large: arrays of {0} bytes, and all files may have {1}": (
        "过大：数组共 {0} 字节，而所有文件最多 {1}"
    ),
    "a masked array of records": "记录类型的掩码数组",
    "a {0} of numpy": "numpy 的 {0}",
    "an array that shares its memory with another value; a copy() of it does not": (
        "与另一个值共享内存的数组；使用其 copy() 则没有问题"
    ),
    "{0} has a set of numbers, whose order is another one there": (
        "{0} 中有数字的 set，其顺序在函数环境中不同"
    ),
    "{0} with attributes of its own: {1}": "{0}，带有自己的属性：{1}",
    "a {0} with flags": "带有 flags 的 {0}",
    "an index of the frequency {0}, which says not all of it": "频率为 {0} 的索引，该频率不足以描述它",
    "a time in the zone {0}, of {1}": "时区 {0} 的时间，类型为 {1}",
    "of the dtype {0}": "dtype 为 {0}",
    "of {0}, which cannot be named there": "类型为 {0}，在函数环境中无法指称",
    "an object of {0}, which cannot be read: {1}": "{0} 的对象，无法读取：{1}",
    "too large: more than {0} objects or {1} items": "过大：超过 {0} 个对象或 {1} 个元素",
    "too large: {0} characters, and all files may have {1} bytes": (
        "过大：{0} 个字符，而所有文件最多 {1} 字节"
    ),
    "an object of {0}, which has __del__: a copy would run it too": (
        "{0} 的对象，它有 __del__：副本也会执行它"
    ),
    "an object of {0}, which hides its slot {1}": "{0} 的对象，它隐藏了 slot {1}",
    "an object of {0}, of which {1} keeps what cannot be read": "{0} 的对象，其中 {1} 保存了无法读取的内容",
    "an object of {0}, which hides its attribute {1}": "{0} 的对象，它隐藏了属性 {1}",
    "an object of {0}, which shares its attributes with its class": "{0} 的对象，它与类共享属性",
    "an object of {0}, which is a deque with a maxlen": "{0} 的对象，是带 maxlen 的 deque",
    "a {0} with more than its message": "不止含有消息的 {0}",
    "a {0} that was raised, and leads to its frames": "已抛出的 {0}，会引向其栈帧",
    "a class": "类",
    "{0} ({1}) that the slice cannot name": "切片无法指称的 {0}（{1}）",
    "{0} without a name": "没有名称的 {0}",
    "a function": "函数",
    "of {0}, which has no such member any more": "类型为 {0}，后者已没有该成员",
    "too large: more than {0} items, or {1} characters": "过大：超过 {0} 个元素，或 {1} 个字符",
    "part of a circle in which none can be made before the other": (
        "循环引用的一部分，其中没有一个可以先创建"
    ),
    "not made again by its source: {0}": "无法由其源代码重新创建：{0:say}",
    "not made again by its source as it is": "无法由其源代码原样重新创建",
    "not the same after it was a file": "存为文件后与原来不同",
    "not made again by its source as it is: {0} becomes {1}": "无法由其源代码原样重新创建：{0} 会变成 {1}",
    "{0}{1} is {2}": "{0}{1} 是{2:say}",
    "it is {0}": "它是{0:say}",
    "a ZoneInfo that is not from the system's own, by its key": "不是按键名取自系统的 ZoneInfo",
    "{0} has the path {1} of this machine, which need not be there": (
        "{0} 的路径 {1} 在本机上，函数环境中未必存在"
    ),
    "a logger that logging does not know by its name": "logging 中没有该名称的 logger",
    "a logger with handlers, filters or other settings of its own": (
        "带有自己的 handler、过滤器或其他设置的 logger"
    ),
    "a {0} of typing": "typing 的 {0}",
    "arrays of {0}": "{0} 的数组",
    "an array of {0}, {1}": "{0} 的数组，{1}",
    "an array of {0}, one item": "{0} 的数组，一个元素",
    "a table of {0} and {1}": "{0} 和 {1} 的表",
    "an open file or stream": "打开的文件或流",
    "a lock, which belongs to this process": "锁，属于此进程",
    "a generator, which may be half consumed": "生成器，可能已用掉一半",
    "a coroutine, which may be half done": "协程，可能已执行一半",
    "a weak reference": "弱引用",
    "a memoryview, a window on another object's memory": "memoryview，指向另一个对象的内存",
    "a frame of a running function": "正在执行的函数的栈帧",
    "a traceback, which leads to frames": "traceback，会引向栈帧",
    "compiled code": "编译后的代码",
    "a property": "property",
    "a staticmethod outside of its class": "类之外的 staticmethod",
    "a classmethod outside of its class": "类之外的 classmethod",
    "a socket, a connection of this process": "socket，此进程的连接",
    "a connection to a database, or a part of one": "数据库连接或其一部分",
    "a thread, or a lock of threads": "线程或线程锁",
    "a process, or a part of one": "进程或其一部分",
    "a running process": "正在运行的进程",
    "a pool of threads or processes, or its work": "线程池、进程池或其任务",
    "a task or a loop of asyncio": "asyncio 的任务或事件循环",
    "a context variable": "上下文变量",
    "a mock": "mock",
    "a figure, or a part of one": "图形或其一部分",
    "a connection, or an answer that came by one": "连接，或通过连接得到的应答",
    "an iterator ({0}), which may be half consumed": "迭代器（{0}），可能已用掉一半",
    "an object of {0}, for which there is no literal": "{0} 的对象，没有字面量可以表示",
    "an object of {0}, which only {1} can write": "{0} 的对象，只有 {1} 能写出",
    "too large for source, with {0} characters of it": "作为源代码过大，其中有 {0} 个字符",
    "too large: with it, all files have {0} bytes, and {1} are allowed": (
        "过大：加上它后所有文件共 {0} 字节，最多 {1}"
    ),
    "{0} of {1} item": "{0}（{1} 个元素）",
    "{0} of {1} items": "{0}（{1} 个元素）",
}
