"""What the cards of results say."""

WORDS = {
    "deployed to {0}": "已部署到 {0}",
}
