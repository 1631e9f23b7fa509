using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Llama2;
using Llama2.Evaluation;
using Llama2.EvaluationLoad;

// Compares the time of four-choice questions with the time that a bare prefill of the same tokens takes, in alternation in one process.
//
//   dotnet run -c Release --project benchmarks/evaluation -- MODEL [QUESTIONS] [WORDS OF A QUESTION] [WORDS OF A CHOICE]
if (args.Length is < 1 or > 4)
{
    Console.Error.WriteLine("usage: Llama2.EvaluationLoad MODEL [QUESTIONS] [WORDS OF A QUESTION] [WORDS OF A CHOICE]");
    return 2;
}

int count = Number(1, 1000), questionLength = Number(2, 60), choiceLength = Number(3, 4);
using LlamaModel model = LlamaModel.Load(args[0]);
var task = new WordTask(count, questionLength, choiceLength);
int[][] tokens = [.. Enumerable.Range(0, count).Select(index => task.DistinctTokens(index, model.Tokenizer))];
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{count:N0} questions of {questionLength} words, 4 choices of {choiceLength}; {tokens.Sum(sequence => sequence.Length):N0} distinct tokens; {RuntimeInformation.FrameworkDescription}, {model.ThreadCount} threads"));
List<double> ratios = [];
for (int round = 0; round < 3; round++)
{
    // Every round has a prefix scope of its own, so that no keys and values of the round before are reused.
    var options = new ComputationOptions { PrefixScope = string.Create(CultureInfo.InvariantCulture, $"prefill {round}") };
    long start = Stopwatch.GetTimestamp();
    await Parallel.ForEachAsync(
        tokens,
        new ParallelOptions { MaxDegreeOfParallelism = 32 },
        async (sequence, cancellation) => await model.ComputeLogProbabilitiesAsync(sequence, sequence.Length - 1, options, cancellation));
    double prefill = Stopwatch.GetElapsedTime(start).TotalSeconds;

    var backend = new ModelBackend(model, new ModelBackendOptions { Computation = new ComputationOptions { PrefixScope = string.Create(CultureInfo.InvariantCulture, $"choices {round}") } });
    start = Stopwatch.GetTimestamp();
    await EvaluationRunner.RunAsync(backend, [task]);
    double choices = Stopwatch.GetElapsedTime(start).TotalSeconds;
    ratios.Add(choices / prefill);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"prefill {prefill:F2} s   choices {choices:F2} s   ratio {choices / prefill:F3}"));
}

ratios.Sort();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:F3}"));
return 0;

int Number(int index, int fallback) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : fallback;
