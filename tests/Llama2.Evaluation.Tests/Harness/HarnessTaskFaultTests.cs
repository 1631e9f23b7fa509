using System.Text;
using CsCheck;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Tests.Harness;

public sealed class HarnessTaskFaultTests : IDisposable
{
    private readonly TaskFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("doc_to_txt: x", "doc_to_txt", "no such key")]
    [InlineData("output_type: multiple", "output_type", "'multiple'")]
    [InlineData("output_type: multiple_choice", "doc_to_choice", "needs it")]
    [InlineData("num_fewshot: many", "num_fewshot", "'many'")]
    [InlineData("num_fewshot: 101", "num_fewshot", "from 0 to 100")]
    [InlineData("repeats: 0", "repeats", "'0'")]
    [InlineData("description: '{{ x'", "description", "line 1")]
    [InlineData("description: '{{ q | nothing }}'", "description", "'nothing'")]
    [InlineData("description: [a]", "description", "not a text")]
    [InlineData("custom_dataset: !function a.b", "custom_dataset", "not supported")]
    [InlineData("fewshot_config: {sampler: balanced}", "fewshot_config", "'balanced'")]
    [InlineData("fewshot_config: {sample: 1}", "fewshot_config", "'sample'")]
    [InlineData("fewshot_config: {samples: [1]}", "fewshot_config", "maps")]
    [InlineData("fewshot_config: {samples: !function utils.few}", "fewshot_config", "Python")]
    [InlineData("filter_list: [{name: a, filter: [{function: nothing}]}]", "filter_list", "'nothing'")]
    [InlineData("filter_list: [{name: a, filter: [{function: regex, regex_pattern: '('}]}]", "filter_list", "'('")]
    [InlineData("filter_list: [{name: a, filter: [{function: regex, pattern: x}]}]", "filter_list", "'pattern'")]
    [InlineData("filter_list: [{name: a, filter: [{function: take_first_k, k: 2}]}]", "filter_list", "'repeats' is 1")]
    [InlineData("filter_list: [{name: a, filter: [{function: custom, filter_fn: !function utils.f}]}]", "filter_list", "utils.f")]
    [InlineData("metric_list: [{metric: bleu, aggregation: mean}]", "metric_list", "'mean' does not fit the metric 'bleu', whose aggregation is bleu")]
    [InlineData("metric_list: [{metric: chrf, aggregation: ter}]", "metric_list", "'ter' does not fit the metric 'chrf'")]
    [InlineData("metric_list: [{metric: exact_match, aggregation: bleu}]", "metric_list", "'bleu' does not fit the metric 'exact_match'")]
    [InlineData("metric_list: [{metric: acc}]", "metric_list", "exact_match, bleu, chrf, ter")]
    [InlineData("metric_list: [{metric: exact_match, ignore: 1}]", "metric_list", "'ignore'")]
    [InlineData("metric_list: [{metric: exact_match, ignore_case: 3}]", "metric_list", "'3'")]
    [InlineData("metric_list: [{metric: exact_match, aggregation: mode}]", "metric_list", "'mode'")]
    [InlineData("metric_list: [{metric: !function utils.score}]", "metric_list", "utils.score")]
    [InlineData("process_results: !function utils.process", "process_results", "utils.process")]
    [InlineData("generation_kwargs: {num_beams: 4}", "generation_kwargs", "'num_beams'")]
    [InlineData("generation_kwargs: {max_gen_toks: -1}", "generation_kwargs", "'-1'")]
    [InlineData("generation_kwargs: {temperature: hot, do_sample: true}", "generation_kwargs", "'hot'")]
    [InlineData("class: !function task.Task", "class", "task.Task")]
    [InlineData("doc_to_text: 1.5", "doc_to_text", "neither")]
    public void Load_FaultyKey_IsNamedWithFileAndLine(string line, string key, string what)
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal.Replace($"{key}: '{{{{q}}}}'\n", "", StringComparison.Ordinal) + line + "\n");

        HarnessTaskException fault = FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().Which;

        fault.Key.Should().Be(key);
        fault.FilePath.Should().Be(path);
        fault.Message.Should().Contain(path).And.Contain("line ").And.Contain(what);
    }

    [Theory]
    [InlineData("doc_to_text: '{{missing}}'", "'missing' is undefined")]
    [InlineData("doc_to_text: '{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}'", "allowed")]
    [InlineData("doc_to_text: \"{{ 'x' * 100000000 }}\"", "allowed")]
    [InlineData("doc_to_text: \"{{ ('x' * 5000) | regex_replace('(?=x)(x+x+)+y(?<=y)', '') }}\"", "nested repetitions")]
    [InlineData("doc_to_text: '{{q}}'\ndoc_to_choice: '{{q}}'\noutput_type: multiple_choice", "does not give a Python list")]
    [InlineData("doc_to_text: '{{q}}'\ndoc_to_choice: '[]'\noutput_type: multiple_choice", "at least one choice")]
    [InlineData("doc_to_text: '{{q}}'\nnum_fewshot: 3", "ask for fewer")]
    public void CreateExample_TemplateThatCannotBeRendered_ThrowsWithTheKey(string lines, string what)
    {
        string path = _folder.Write("a.yaml", TaskFolder.Minimal.Replace("doc_to_text: '{{q}}'\n", "", StringComparison.Ordinal) + lines + "\n");
        IEvaluationTask task = TaskFolder.Load(path).Tasks[0];

        task.Invoking(task => task.CreateExample(0)).Should().Throw<HarnessTaskException>().Which.Message.Should().Contain(path).And.Contain(what);
    }

    [Fact]
    public void Load_FilesThatIncludeEachOther_Throws()
    {
        string path = _folder.Write("a.yaml", "include: b\ntask: a\n");
        _folder.Write("b", "include: [a.yaml]\n");

        FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().WithMessage("*'a.yaml' includes itself*").Which.Key.Should().Be("include");
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("x/../../outside")]
    public void Load_IncludeOutsideTheFolder_ThrowsWithoutReadingIt(string include)
    {
        string path = _folder.Write("inner/a.yaml", $"include: {include}\ntask: a\n");
        _folder.Write("outside", "dataset_path: secret\n");

        FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().WithMessage("*outside the folder*RootFolder*");
    }

    [Fact]
    public void Load_IncludeWithinTheRootFolder_IsRead()
    {
        string path = _folder.Write("inner/a.yaml", "include: ../base\ntask: a\n");
        _folder.Write("base", TaskFolder.Minimal);

        TaskFolder.Load(path, new HarnessTaskOptions { RootFolder = _folder.Path }).Tasks.Single().Info.Name.Should().Be("a");
    }

    [Fact]
    public void Load_FilesThatIncludeTwoEach_AreBounded()
    {
        for (int i = 0; i < 15; i++)
            _folder.Write($"{i}", i == 14 ? TaskFolder.Minimal : $"include: [{i + 1}, {i + 1}, {i + 1}]\n".Replace($"{i + 1}", $"'{i + 1}'", StringComparison.Ordinal));
        string path = _folder.Write("a.yaml", "include: '0'\n");

        FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().WithMessage("*more than 50,000 files*");
    }

    [Fact]
    public void Read_AliasesThatMultiply_AreBounded()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Read(text.ToString()).Should().Throw<HarnessTaskException>().WithMessage("*50,000 values*");
    }

    [Fact]
    public void Read_LongTextThatIsRepeated_IsBounded()
        => Read($"a: &a {new string('x', 100_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 50))}]\n").Should().Throw<HarnessTaskException>().WithMessage("*4,194,304 characters*");

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("- ", "")]
    [InlineData("? ", "")]
    public void Read_DeepNesting_IsBounded(string open, string close)
        => Read("a:\n  " + string.Concat(Enumerable.Repeat(open, 20_000)) + string.Concat(Enumerable.Repeat(close, 20_000))).Should().Throw<HarnessTaskException>();

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("a: *x")]
    [InlineData("a: &x [*x]")]
    [InlineData("a: !!python/object:os.system x")]
    [InlineData("a: !other x")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("a: \"\\ud800\"")]
    [InlineData("[a]: 1")]
    [InlineData("<<: 1")]
    public void Read_MalformedOrForeignYaml_Throws(string text) => Read(text).Should().Throw<HarnessTaskException>().Which.Message.Should().Contain("'file'");

    [Fact]
    public void Read_BytesThatAreNoUtf8_Throws()
        => FluentActions.Invoking(() => YamlReader.Read("file", [0x61, 0x3a, 0x20, 0xff])).Should().Throw<HarnessTaskException>().WithMessage("*UTF-8*");

    [Fact]
    public void Load_FileThatIsTooLarge_Throws()
    {
        string path = _folder.Write("a.yaml", new string('#', YamlReader.MaxFileSize + 1));

        FluentActions.Invoking(() => TaskFolder.Load(path)).Should().Throw<HarnessTaskException>().WithMessage("*1,048,577 bytes*");
    }

    [Fact]
    public void Load_MutatedFiles_LoadOrThrowATypedException()
    {
        string[] seeds =
        [
            TaskFolder.Minimal + "fewshot_config: &f {sampler: first_n, samples: [{q: a, a: b}]}\nmetadata: *f\ngeneration_kwargs: {until: [\"\\n\"], do_sample: false}\n",
            TaskFolder.Minimal + "filter_list: [{name: n, filter: [{function: regex, regex_pattern: '(a|b)+\\d{2,}'}]}]\nmetric_list:\n  - metric: exact_match\n    regexes_to_ignore: ['\\$', \"(?s).*#### \"]\n",
            "output_type: multiple_choice\ndoc_to_choice: \"{{['a', q]}}\"\ndoc_to_target: i\ntask: t\ndataset_path: d\ntest_split: test\ndoc_to_text: |\n  {% if q %}{{ q | upper }}{% endif %}\n",
        ];
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Select(Gen.Int[0, 400], Gen.Char["{}[]:&*!|>'\"%#-\n\t \\x0,?<"]).Array[1, 8]).Sample(
            (seed, changes) =>
            {
                char[] text = seeds[seed].ToCharArray();
                foreach ((int position, char character) in changes)
                    text[position % text.Length] = character;
                string path = _folder.Write("fuzz.yaml", new string(text));
                try
                {
                    foreach (IEvaluationTask task in TaskFolder.Load(path).Tasks)
                        task.CreateExample(0);
                }
                catch (LlamaException)
                {
                    // Any other exception fails the test.
                }
            },
            iter: 600,
            threads: 1);
    }

    private static Action Read(string text) => () => YamlReader.Read("file", Encoding.UTF8.GetBytes(text));
}
