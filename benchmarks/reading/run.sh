#!/bin/sh
# The yardstick's own scorer, ours beside trafilatura in one run. Needs ../shared/yardsticks and: pip install trafilatura lxml_html_clean
set -e
here=$(cd "$(dirname "$0")/../.." && pwd)
sets=$here/../shared/yardsticks/extraction
python=${PYTHON:-python3}
passes=${PASSES:-3}
[ -d "$sets" ] || { echo "no yardstick at $sets: nothing measured"; exit 0; }
cd "$here"
export PYTHONPATH="$here"
"$python" "$sets/score.py" scraper.parse.article:read_article --data "$sets/aeb" --teasers "$sets/aeb/teasers.json" --passes "$passes"
"$python" "$sets/score.py" scraper.parse.article:read_article --data "$sets/wcxb" --page-type article --meta --passes "$passes"
