using System.Globalization;
using SharpFuzz;

namespace Llama2.Fuzz;

/// <summary>
/// Runs readers with malformed inputs: <c>--mutate SECONDS TARGET [SEED]</c> generates the inputs itself, <c>--libfuzzer TARGET</c> and <c>--afl
/// TARGET</c> receive them from those programs, and <c>--run TARGET FILE</c> reads a single input. <c>--forge COUNT FOLDER [SEED]</c> generates
/// messages that try to forge turns in every preset format and in the chat templates of a folder.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["--mutate", var seconds, var name, .. var seed] when IsTarget(name) && IsNumber(seconds) && seed.All(IsNumber) && seed.Length <= 1 =>
            Mutate(TimeSpan.FromSeconds(Number(seconds)), name, seed.Length == 0 ? 1 : Number(seed[0])),
        ["--libfuzzer", var name, ..] when IsTarget(name) => FollowLibFuzzer(FuzzTargets.All[name]()),
        ["--afl", var name] when IsTarget(name) => FollowAfl(FuzzTargets.All[name]()),
        ["--run", var name, var path] when IsTarget(name) => RunOnce(FuzzTargets.All[name](), path),
        ["--forge", var count, var folder, .. var seed] when IsNumber(count) && Directory.Exists(folder) && seed.All(IsNumber) && seed.Length <= 1 =>
            PromptCampaign.Run(Number(count), folder, seed.Length == 0 ? 1 : Number(seed[0])) == 0 ? 0 : 1,
        _ => Explain(),
    };

    private static int Mutate(TimeSpan time, string name, int seed)
    {
        string folder = Path.Combine(Tests.RepositoryFiles.Root, "artifacts", "fuzz");
        return new MutationRun(name, FuzzTargets.All[name](), seed, folder).Run(time) == 0 ? 0 : 1;
    }

    private static int FollowLibFuzzer(FuzzTarget target)
    {
        Fuzzer.LibFuzzer.Run(input => Attempt.Run(target, input.ToArray()));
        return 0;
    }

    private static int FollowAfl(FuzzTarget target)
    {
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            Attempt.Run(target, input.ToArray());
        });
        return 0;
    }

    private static int RunOnce(FuzzTarget target, string path)
    {
        Console.WriteLine(Attempt.Run(target, File.ReadAllBytes(path))?.Message ?? "read");
        return 0;
    }

    private static int Explain()
    {
        Console.Error.WriteLine($"Llama2.Fuzz --mutate SECONDS TARGET [SEED] | --libfuzzer TARGET | --afl TARGET | --run TARGET FILE | --forge COUNT FOLDER [SEED]\nTargets: {string.Join(", ", FuzzTargets.All.Keys)}");
        return 2;
    }

    private static bool IsTarget(string name) => FuzzTargets.All.ContainsKey(name);

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
