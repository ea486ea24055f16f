"""What regions are called by people, and by which hosts a server on this machine answers in the place of one."""

from __future__ import annotations

from fc_magic.wire.regions import KNOWN

#: region -> its name as Alibaba Cloud's own pages have it, in English and in Chinese
LOCAL_NAMES = {
    "cn-beijing": ("China (Beijing)", "华北2（北京）"),
    "cn-chengdu": ("China (Chengdu)", "西南1（成都）"),
    "cn-hangzhou": ("China (Hangzhou)", "华东1（杭州）"),
    "cn-hongkong": ("China (Hong Kong)", "中国香港"),
    "cn-huhehaote": ("China (Hohhot)", "华北5（呼和浩特）"),
    "cn-qingdao": ("China (Qingdao)", "华北1（青岛）"),
    "cn-shanghai": ("China (Shanghai)", "华东2（上海）"),
    "cn-shenzhen": ("China (Shenzhen)", "华南1（深圳）"),
    "cn-wulanchabu": ("China (Ulanqab)", "华北6（乌兰察布）"),
    "cn-zhangjiakou": ("China (Zhangjiakou)", "华北3（张家口）"),
    "ap-northeast-1": ("Japan (Tokyo)", "日本（东京）"),
    "ap-northeast-2": ("South Korea (Seoul)", "韩国（首尔）"),
    "ap-south-1": ("India (Mumbai)", "印度（孟买）"),
    "ap-southeast-1": ("Singapore", "新加坡"),
    "ap-southeast-2": ("Australia (Sydney)", "澳大利亚（悉尼）"),
    "ap-southeast-3": ("Malaysia (Kuala Lumpur)", "马来西亚（吉隆坡）"),
    "ap-southeast-5": ("Indonesia (Jakarta)", "印度尼西亚（雅加达）"),
    "ap-southeast-7": ("Thailand (Bangkok)", "泰国（曼谷）"),
    "eu-central-1": ("Germany (Frankfurt)", "德国（法兰克福）"),
    "eu-west-1": ("UK (London)", "英国（伦敦）"),
    "us-east-1": ("US (Virginia)", "美国（弗吉尼亚）"),
    "us-west-1": ("US (Silicon Valley)", "美国（硅谷）"),
    "me-central-1": ("SAU (Riyadh)", "沙特（利雅得）"),
    "cn-shanghai-finance-1": ("China East 2 Finance", "华东2 金融云"),
    "cn-hangzhou-finance": ("China East 1 Finance", "华东1 金融云"),
    "cn-heyuan-acdr-1": ("China (Heyuan ACDR UAT)", "河源专属云汽车合规"),
}
#: with the account id or without it
_HOSTS = (
    "fcv3.{region}.aliyuncs.com",
    "{region}.fc.aliyuncs.com",
    "{account}.{region}.fc.aliyuncs.com",
    "{account}.{region}-internal.fc.aliyuncs.com",
)


def local_names(language: str) -> dict[str, str]:
    """What each known region is called: in Chinese for zh-CN and its like, else in English."""
    place = 1 if language.lower().startswith("zh") else 0
    return {region: LOCAL_NAMES[region][place] for region in KNOWN}


def api_hosts(region: str, account_id: str) -> tuple[str, ...]:
    """The hosts that lead to Function Compute in a region; none of them is anybody else's."""
    return tuple(host.format(region=region, account=account_id) for host in _HOSTS)


def object_hosts(region: str) -> tuple[str, ...]:
    """The hosts of its object store. ali-oss says that of cn-hangzhou whenever its endpoint is an address."""
    places = dict.fromkeys((region, "cn-hangzhou"))
    return tuple(f"oss-{place}{kind}.aliyuncs.com" for place in places for kind in ("", "-internal"))
