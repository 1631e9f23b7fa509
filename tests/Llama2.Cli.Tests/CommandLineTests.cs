using System.CommandLine;
using System.Text;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

public class CommandLineTests
{
    private static readonly Dictionary<string, string> s_required = new()
    {
        ["--output"] = "o",
        ["--tokens"] = "1",
        ["--shape"] = "1b",
        ["--type"] = "Q4_0",
        ["--checkpoint"] = "c",
        ["--validation"] = "0.5",
        ["--questions"] = "q",
    };

    /// <summary>Every option, of any command, that takes one or several numbers.</summary>
    public static TheoryData<string, string> NumberOptions
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Command command in Leaves(CommandLine.Create([], Host())))
            {
                foreach (Option option in command.Options.Where(option => TakesNumbers(option.ValueType)))
                    data.Add(string.Join(' ', Path(command)), option.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NumberOptions))]
    public async Task Run_OptionWithAWordForItsNumber_IsWrongUsageThatSaysWhatIsAllowed(string command, string option)
    {
        Command parsed = Leaves(CommandLine.Create([], Host())).Single(leaf => string.Join(' ', Path(leaf)) == command);
        IEnumerable<string> arguments = parsed.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(argument => argument.Name == "TYPE" ? "Q4_0" : "a/b");
        IEnumerable<string> others = parsed.Options.Select(other => other.Name).Where(other => other != option && s_required.ContainsKey(other)).SelectMany(other => (string[])[other, s_required[other]]);

        CommandRun run = await CommandRun.OfAsync([.. command.Split(' '), .. arguments, .. others, option, "abc"]);

        run.ShouldFailInOneLine(2).Should().MatchRegex(
            $@"^llama2: error: {option}: 'abc' is not (a whole number from -?[\d,]+ to [\d,]+\.|a number( from [\d.]+ to [\d.]+| (above|below|of at (least|most)) -?[\d.E-]+( and)?)*\.|a token id; give whole numbers .*) See: llama2 {command} --help\n$");
    }

    [Theory]
    [InlineData("help")]
    [InlineData("help", "generate")]
    [InlineData("help", "adapter", "merge")]
    public async Task Run_HelpAsACommand_IsTheOption(params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(arguments), option = await CommandRun.OfAsync([.. arguments[1..], "--help"]);

        run.ShouldSucceed();
        run.Output.Should().Be(option.Output).And.Contain("Usage:");
    }

    [Theory]
    [InlineData("One of windows, rolling, both; default windows.", "perplexity")]
    [InlineData("One of skip, truncate, fail; default skip.", "train")]
    [InlineData("; default cosine.", "train")]
    [InlineData("; default I16 (with AVX2) or F16 for quantized weights, F32 for others.", "generate")]
    [InlineData("or the name of a pulled model", "generate")]
    public async Task Help_Choice_ListsItsWordsAndTheDefault(string text, string command) =>
        string.Join(' ', (await CommandRun.OfAsync(command, "--help")).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Should().Contain(text);

    [Theory]
    [InlineData("--context is given 2 times; it takes one value.", "generate", "m.gguf", "--context", "1", "--context", "2")]
    [InlineData("--validation: '1' is not a number above 0 and below 1.", "train", "m", "d", "-o", "a", "--validation", "1")]
    [InlineData("--alpha: '0' is not a number above 0.", "train", "m", "d", "-o", "a", "--alpha", "0")]
    [InlineData("--adapter: 'a=x': the scale 'x' is not a number from -100 to 100", "generate", "m.gguf", "--adapter", "a=x")]
    [InlineData("the scale '1000' is not a number from -100 to 100", "adapter", "merge", "m", "a=1000", "-o", "o")]
    public async Task Run_OptionUsedWrongly_SaysWhatItTakes(string message, params string[] arguments) =>
        (await CommandRun.OfAsync(arguments)).ShouldFailInOneLine(2).Should().Contain(message);

    [Theory]
    [InlineData("adapter needs a command: inspect or merge. See: llama2 adapter --help", "adapter")]
    [InlineData("Unrecognized command or argument 'bogus'. See: llama2 --help", "bogus")]
    [InlineData("Unrecognized command or argument 'bogus'. See: llama2 --help", "help", "bogus")]
    [InlineData("Unrecognized command or argument 'genrate'. Did you mean 'generate'? See: llama2 --help", "genrate", "m.gguf")]
    [InlineData("'quant'. Did you mean 'quantize'?", "quant")]
    [InlineData("'mrege'. Did you mean 'merge'? See: llama2 adapter --help", "adapter", "mrege")]
    [InlineData("Unrecognized option '--verion'. Did you mean '--version'?", "--verion")]
    [InlineData("Unrecognized option '--promt'. Did you mean '--prompt'? See: llama2 generate --help", "generate", "m.gguf", "--promt", "Once")]
    [InlineData("Unrecognized command or argument 'Once upon'. Write --prompt before a text: --prompt \"TEXT\". See: llama2 generate --help", "generate", "m.gguf", "Once upon")]
    [InlineData("Unrecognized command or argument 'Once'. Write --text before a text: --text \"TEXT\". See: llama2 embed --help", "embed", "m.gguf", "Once")]
    [InlineData("Unrecognized command or argument 'Once'. See: llama2 bench --help", "bench", "m.gguf", "Once")]
    [InlineData("Unrecognized option '--promt'. Did you mean '--prompt'?", "generate", "--promt", "Once")]
    [InlineData("Unrecognized option '--Temprature=0'. Did you mean '--temperature'?", "generate", "m.gguf", "--Temprature=0")]
    [InlineData("Unrecognized option '--hlep'. Did you mean '--help'?", "chat", "m.gguf", "--hlep")]
    [InlineData("Unrecognized option '--pur'. Did you mean '--pure'?", "quantize", "a", "b", "--pur", "Q4_0")]
    [InlineData("Unrecognized option '--outptu'. Did you mean '--output'?", "adapter", "merge", "m", "a", "--outptu", "o")]
    [InlineData("SOURCE and TARGET are missing. See: llama2 convert --help", "convert")]
    [InlineData("TARGET is missing", "convert", "m.gguf")]
    [InlineData("Give either a MODEL or --hardware", "inspect")]
    [InlineData("Unrecognized option '--bogus'", "inspect", "--bogus", "m.gguf")]
    [InlineData("'--bogus'", "inspect", "m.gguf", "--bogus")]
    [InlineData("'more'", "generate", "m.gguf", "more")]
    [InlineData("--prompt and --file", "generate", "m.gguf", "--prompt", "a", "--file", "b")]
    [InlineData("--temperature: '-1' is not a number from 0 to 100", "generate", "m.gguf", "--temperature", "-1")]
    [InlineData("--temperature: '0,5' is not a number from 0 to 100", "generate", "m.gguf", "--temperature", "0,5")]
    [InlineData("--temperature: 'NaN' is not a number", "generate", "m.gguf", "--temperature", "NaN")]
    [InlineData("--top-k needs a value: --top-k K.", "generate", "m.gguf", "--top-k")]
    [InlineData("--top-p: '1.5' is not a number from 0 to 1", "generate", "m.gguf", "--top-p", "1.5")]
    [InlineData("--min-p: '-0.1' is not", "generate", "m.gguf", "--min-p", "-0.1")]
    [InlineData("--repetition-penalty: '0' is not", "generate", "m.gguf", "--repetition-penalty", "0")]
    [InlineData("--max-tokens: '0' is not a whole number from 1 to", "generate", "m.gguf", "--max-tokens", "0")]
    [InlineData("--max-tokens: '99999999999' is not a whole number from 1 to 2,147,483,647", "generate", "m.gguf", "--max-tokens", "99999999999")]
    [InlineData("--seed: '-4' is not a whole number from 0 to 18,446,744,073,709,551,615", "generate", "m.gguf", "--seed", "-4")]
    [InlineData("--threads: '0' is not a whole number from 1 to 1,024", "generate", "m.gguf", "--threads", "0")]
    [InlineData("--context: '0' is not a whole number from 1 to", "generate", "m.gguf", "--context", "0")]
    [InlineData("--rope-scaling: 'cubic:2' is not one of none, linear:FACTOR, ntk:FACTOR, dynamic:FACTOR and yarn:FACTOR", "generate", "m.gguf", "--rope-scaling", "cubic:2")]
    [InlineData("--rope-scaling: 'linear' is not one of", "generate", "m.gguf", "--rope-scaling", "linear")]
    [InlineData("--rope-scaling: 'none:2' is not one of", "bench", "m.gguf", "--rope-scaling", "none:2")]
    [InlineData("--rope-scaling: 'yarn:4:8' is not one of", "logits", "m.gguf", "--tokens", "1", "--output", "o", "--rope-scaling", "yarn:4:8")]
    [InlineData("--rope-scaling: 'ntk:0.5': It must be a number from 1 to 1024", "generate", "m.gguf", "--rope-scaling", "ntk:0.5")]
    [InlineData("--rope-scaling: 'yarn:1e30': It must be a number from 1 to 1024", "generate", "m.gguf", "--rope-scaling", "yarn:1e30")]
    [InlineData("--rope-scaling: 'linear:NaN': It must be a number from 1 to 1024", "generate", "m.gguf", "--rope-scaling", "linear:NaN")]
    [InlineData("--stop[0] has 0 characters", "generate", "m.gguf", "--stop", "")]
    [InlineData("--stop needs a value: --stop TEXT.", "generate", "m.gguf", "--stop", "a", "--stop")]
    [InlineData("--dry-multiplier: '-1' is not a ", "generate", "m.gguf", "--dry-multiplier", "-1")]
    [InlineData("--dry-base: '0.5' is not a ", "generate", "m.gguf", "--dry-base", "0.5")]
    [InlineData("--dry-allowed-length: '0' is not a ", "generate", "m.gguf", "--dry-allowed-length", "0")]
    [InlineData("--dry-window: '-1' is not a ", "generate", "m.gguf", "--dry-window", "-1")]
    [InlineData("--dry-breaker[0] has 0 characters", "generate", "m.gguf", "--dry-breaker", "")]
    [InlineData("--dry-breaker needs a value: --dry-breaker TEXT.", "generate", "m.gguf", "--dry-breaker", "a", "--dry-breaker")]
    [InlineData("--xtc-probability: 'NaN' is not a ", "generate", "m.gguf", "--xtc-probability", "NaN")]
    [InlineData("--xtc-threshold: '2' is not a ", "generate", "m.gguf", "--xtc-threshold", "2")]
    [InlineData("--dynamic-temperature-range: '-1' is not a ", "generate", "m.gguf", "--dynamic-temperature-range", "-1")]
    [InlineData("--dynamic-temperature-exponent: '-1' is not a ", "generate", "m.gguf", "--dynamic-temperature-exponent", "-1")]
    [InlineData("--mirostat-tau: '-1' is not a ", "generate", "m.gguf", "--mirostat-tau", "-1")]
    [InlineData("--mirostat-eta: '2' is not a ", "generate", "m.gguf", "--mirostat-eta", "2")]
    [InlineData("Give either --jsonl or --text", "tokenize", "m.gguf")]
    [InlineData("Give either --jsonl or --text", "tokenize", "m.gguf", "--text", "a", "--jsonl", "-")]
    [InlineData("--pooling: 'max' is not one of mean, last", "embed", "m.gguf", "--pooling", "max")]
    [InlineData("--text needs a value: --text TEXT.", "embed", "m.gguf", "--text", "a", "--text")]
    [InlineData("MODEL is missing. See: llama2 serve --help", "serve")]
    [InlineData("Unrecognized option '--bogus'", "serve", "m.gguf", "--bogus")]
    [InlineData("--port: '65536' is not a whole number from 0 to 65,535", "serve", "m.gguf", "--port", "65536")]
    [InlineData("--host: 'llama.example' is not an IP address; write 127.0.0.1", "serve", "m.gguf", "--host", "llama.example")]
    [InlineData("--host: '1' is not an IP address", "serve", "m.gguf", "--host", "1")]
    [InlineData("--warm-up and --lazy exclude each other", "serve", "m.gguf", "--warm-up", "--lazy")]
    [InlineData("--adapter: with several models it is not known", "serve", "a.gguf", "b.gguf", "--adapter", "c.gguf")]
    [InlineData("Two models have the name 'a'", "serve", "a.gguf", "x/y/a.gguf")]
    [InlineData("--shutdown: '25h' is not a time from 0 to 24 hours; write it as 500ms, 30s, 10m or 2h", "serve", "m.gguf", "--shutdown", "25h")]
    [InlineData("--alias: 'a' is not an alias; write ALIAS=NAME", "serve", "m.gguf", "--alias", "a")]
    [InlineData("--alias: 'a=' is not an alias; write ALIAS=NAME", "serve", "m.gguf", "--alias", "a=")]
    [InlineData("--alias: 'a=b' needs a model 'b', which is not served; the models are m, m:c.", "serve", "m.gguf", "--adapter", "c.gguf", "--alias", "a=b")]
    [InlineData("--alias: 'M=n': a model has the name 'M' already", "serve", "m.gguf", "n.gguf", "--alias", "M=n")]
    [InlineData("--alias: 'a=m': the alias 'a' is given twice", "serve", "m.gguf", "n.gguf", "--alias", "a=m", "--alias", "A=n")]
    [InlineData("--memory: '8G' is not a whole number of bytes, or a size of at least 1MiB such as 512MB", "serve", "m.gguf", "--memory", "8G")]
    [InlineData("--memory: '8' is 8 bytes, and at least 1MiB is needed; write 8GB for gigabytes.", "serve", "m.gguf", "--memory", "8")]
    [InlineData("--memory: '1' is 1 byte, and at least 1MiB", "serve", "m.gguf", "--memory", "1")]
    [InlineData("--memory: '0' is less than 1MiB, the smallest size", "serve", "m.gguf", "--memory", "0")]
    [InlineData("--memory: '1000000' is less than 1MiB, the smallest size", "serve", "m.gguf", "--memory", "1000000")]
    [InlineData("--memory: '1KB' is less than 1MiB, the smallest size", "serve", "m.gguf", "--memory", "1KB")]
    [InlineData("--idle: '0' is not a time from 1 millisecond to 30 days", "serve", "m.gguf", "--idle", "0")]
    [InlineData("--contexts: '65' is not a whole number from 1 to 64", "serve", "m.gguf", "--contexts", "65")]
    [InlineData("--origin: 'app.example' is not an origin", "serve", "m.gguf", "--origin", "app.example")]
    [InlineData("--request-timeout: '0' is not a time from 1 millisecond to 24 hours", "serve", "m.gguf", "--request-timeout", "0")]
    [InlineData("--body-timeout: '25h' is not a time from 1 millisecond to 24 hours", "serve", "m.gguf", "--body-timeout", "25h")]
    [InlineData("--requests-per-minute: '0' is not a whole number from 1 to 1,000,000", "serve", "m.gguf", "--requests-per-minute", "0")]
    [InlineData("--keys needs a value: --keys FILE.", "serve", "m.gguf", "--keys")]
    [InlineData("--log-prompts: prompts are logged at the level information", "serve", "m.gguf", "--log-prompts")]
    [InlineData("--log-prompts: prompts are logged at the level information", "serve", "m.gguf", "--log-prompts", "--log", "error")]
    [InlineData("--log: 'loud' is not one of", "serve", "m.gguf", "--log-prompts", "--log", "loud")]
    [InlineData("NAME is missing", "key")]
    [InlineData("A key's name must have 1 to 64 letters and digits", "key", "a b")]
    [InlineData("Unrecognized option '--bogus'", "key", "--bogus")]
    [InlineData("--max-waiting: '0' is not a whole number from 1 to 1,000,000", "serve", "m.gguf", "--max-waiting", "0")]
    [InlineData("--log: 'loud' is not one of none, error, warning, information, debug", "serve", "m.gguf", "--log", "loud")]
    [InlineData("--output is missing; give --output FILE.", "logits", "m.gguf", "--tokens", "1")]
    [InlineData("--tokens: 'x' is not a token id", "logits", "m.gguf", "--tokens", "1,x", "--output", "o")]
    [InlineData("--tokens: '' is not a token id", "logits", "m.gguf", "--tokens", "", "--output", "o")]
    [InlineData("--tokens: '-1' is not a token id", "logits", "m.gguf", "--tokens", "-1", "--output", "o")]
    [InlineData("'model.gguf' is not the name of a model; write OWNER/REPOSITORY", "pull", "model.gguf")]
    [InlineData("Unrecognized option '--bogus'", "pull", "--bogus")]
    [InlineData("The file '../a' of a model's name has '.' or '..'", "pull", "owner/repo:../a")]
    [InlineData("The name already has the revision 'v1'", "pull", "owner/repo@v1", "--revision", "v2")]
    [InlineData("The revision '..' of a model's name", "pull", "owner/repo", "--revision", "..")]
    [InlineData("address must be absolute, http or https", "pull", "owner/repo", "--endpoint", "ftp://hub")]
    [InlineData("address must be absolute, http or https", "pull", "owner/repo", "--endpoint", "hub")]
    [InlineData("'model.gguf' is not the name of a model", "remove", "model.gguf")]
    public async Task RunAsync_WrongUsage_Exits2WithOneLineThatNamesTheHelp(string fault, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(arguments);

        run.ShouldFailInOneLine(2).Should().Contain(fault).And.Contain("--help");
    }

    // Users of the library and users of the command both see the library's exceptions, so an exception names both the property and the option. Faults of
    // training data name the property only, and the command puts its option in its place.
    [Theory]
    [InlineData("The context length (--context) is 2,000*--rope-scaling)", "generate", "--context", "2000")]
    [InlineData("--context) is 4,000*--rope-scaling) extends that to at most 2,048", "generate", "--context", "4000", "--rope-scaling", "linear:2")]
    [InlineData("the context holds 4*--context)*--rope-scaling)", "generate", "--context", "4")]
    [InlineData("at most 64 are allowed for a pair; see --batch-tokens", "train", "--batch-tokens", "64")]
    [InlineData("'prompt' is not used*--ignore-field)", "train")]
    public async Task RunAsync_LibraryRefuses_NamesTheOption(string fault, string command, params string[] options)
    {
        using var folder = new TemporaryFolder();
        string answer = string.Join(' ', Enumerable.Repeat("no", 20)), data = folder.Write("data.jsonl", Encoding.UTF8.GetBytes(options.Length > 0
            ? $$"""{"prompt":"a","chosen":"{{answer}}","rejected":"{{answer}}."}"""
            : """{"prompt":"a","completion":"b","instruction":"c","output":"d"}"""));
        string[] arguments = command == "train" ? [data, "-o", folder.File("a.gguf")] : ["--prompt", "Once upon a time", "--quiet"];

        CommandRun run = await CommandRun.OfAsync([command, TestModels.Demonstration, .. arguments, .. options]);

        run.ExitCode.Should().Be(ExitCodes.Failure);
        run.Error.Should().Match($"*llama2: error: *{fault}*");
    }

    [Fact]
    public void WithPatience_Options_WaitForTheirReader() =>
        ModelLoading.WithPatience(new LlamaModelOptions { ContextLength = 5 }).Should().Be(new LlamaModelOptions { ContextLength = 5, ReaderIdleLimit = Timeout.InfiniteTimeSpan });

    [Theory]
    [InlineData("generate")]
    [InlineData("inspect")]
    [InlineData("tokenize", "--text", "a")]
    [InlineData("embed", "--text", "a")]
    [InlineData("logits", "--tokens", "1", "--output", "never-written.f32")]
    public async Task RunAsync_NoModel_Exits1WithOneLine(string command, params string[] options)
    {
        using var folder = new TemporaryFolder();
        string garbage = folder.Write("garbage", [.. "This is no model.\n"u8]);

        (await CommandRun.OfAsync([command, folder.File("missing.gguf"), .. options])).ShouldFailInOneLine(1).Should().Contain("There is no file '");
        (await CommandRun.OfAsync([command, folder.Path, .. options])).ShouldFailInOneLine(1).Should().Contain(folder.Path).And.Contain("absent");
        (await CommandRun.OfAsync([command, garbage, .. options])).ShouldFailInOneLine(1).Should().Contain(garbage);
        File.Exists("never-written.f32").Should().BeFalse();
    }

    [Fact]
    public async Task RunAsync_LineBreakInPath_StaysOneLine() =>
        (await CommandRun.OfAsync("inspect", "no\nsuch\u001b[2Jfile")).ShouldFailInOneLine(1).Should().Contain("no\\nsuch\\u001b[2Jfile");

    [Theory]
    [InlineData("llama2 inspect model.gguf\n", "--help")]
    [InlineData("llama2 inspect model.gguf\n")]
    [InlineData("llama2 generate model.gguf --prompt", "generate", "--help")]
    [InlineData("llama2 tokenize tokenizer.model", "tokenize", "-h")]
    [InlineData("llama2 embed model.gguf --text", "embed", "--help")]
    [InlineData("llama2 logits model.gguf", "logits", "--help")]
    [InlineData("llama2 serve owner/repository:Q4_K_M --port 9000", "serve", "--help")]
    [InlineData("llama2 pull owner/repository:Q4_K_M", "pull", "--help")]
    [InlineData("llama2 list --json", "list", "--help")]
    [InlineData("llama2 remove owner/repository", "remove", "--help")]
    [InlineData("llama2 inspect model.gguf --json", "inspect", "--help", "--bogus")]
    public async Task RunAsync_Help_TeachesWithExamples(string example, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(arguments);

        run.ShouldSucceed();
        run.Output.Should().Contain("Usage:").And.Contain("Examples:\n").And.Contain(example);
    }

    [Fact]
    public async Task RunAsync_HelpOfEachCommand_DescribesTheCommandThatTheWholeHelpNames()
    {
        string help = (await CommandRun.OfAsync("--help")).Output;
        string[] commands = help[help.IndexOf("Commands:\n", StringComparison.Ordinal)..help.IndexOf("Examples:", StringComparison.Ordinal)].Split('\n')[1..];
        foreach (string line in commands.Where(line => line.Length > 0))
        {
            string[] parts = line.Trim().Split("  ", 2, StringSplitOptions.TrimEntries);
            string name = parts[0].Split(' ')[0];
            CommandRun run = await CommandRun.OfAsync(name, "--help");
            run.ShouldSucceed();
            run.Output.Should().Contain($" {name} ").And.Contain(parts[1]);
        }

        commands.Length.Should().BeGreaterThan(15);
    }

    private static ConsoleHost Host() => new() { Input = Stream.Null, OutputStream = Stream.Null, Output = TextWriter.Null, Error = TextWriter.Null };

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private static IEnumerable<string> Path(Command command) =>
        command.Parents.OfType<Command>().SingleOrDefault() is { } parent and not RootCommand ? [.. Path(parent), command.Name] : [command.Name];

    private static bool TakesNumbers(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type) is { IsPrimitive: true } number && number != typeof(bool);
}
