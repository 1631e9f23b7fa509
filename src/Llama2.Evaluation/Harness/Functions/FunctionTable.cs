using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Functions;

/// <summary>
/// The Python functions in task files that have a counterpart here. A function is recognized by the file's data set, its key and its name; no Python is
/// run.
/// </summary>
internal static class FunctionTable
{
    private const string CrowsPairs = "jannalu/crows_pairs_multilingual", CrowsPairsTask = "crows_pairs_english";
    private static readonly string[] s_biasTypes =
        ["socio", "race_color", "gender", "age", "religion", "disability", "orientation", "nationality", "appearance", "autre"];

    private static readonly KnownFunction[] s_functions =
    [
        new("Rowan/hellaswag", "process_docs", "utils.process_docs", "hellaswag"),
        new("allenai/winogrande", "doc_to_text", "preprocess_winogrande.doc_to_text", "winogrande"),
        new("allenai/winogrande", "doc_to_target", "preprocess_winogrande.doc_to_target", "winogrande"),
        new("allenai/winogrande", "doc_to_choice", "preprocess_winogrande.doc_to_choice", "winogrande"),
        new("skg/toxigen-data", "doc_to_target", "utils.doc_to_target", "toxigen"),
        new(CrowsPairs, "doc_to_choice", "utils.doc_to_choice", CrowsPairsTask),
        new(CrowsPairs, "process_results", "utils.process_results", CrowsPairsTask),
        .. s_biasTypes.Select(type => new KnownFunction(CrowsPairs, "process_docs", $"utils.filter_{type}", CrowsPairsTaskOf(type))),
        new("truthfulqa/truthful_qa", "process_results", "utils.process_results_mc2", "truthfulqa_mc2"),
        new("truthfulqa/truthful_qa", "process_docs", "utils.process_docs_gen", "truthfulqa_gen"),
        new("truthfulqa/truthful_qa", "process_results", "utils.process_results_gen", "truthfulqa_gen"),
        new("EleutherAI/wikitext_document_level", "doc_to_target", "preprocess_wikitext.wikitext_detokenizer", "wikitext"),
        new("EleutherAI/wikitext_document_level", "process_results", "preprocess_wikitext.process_results", "wikitext"),
    ];

    /// <summary>Finds a function.</summary>
    /// <param name="function">The function in the task file.</param>
    /// <param name="key">Its key.</param>
    /// <param name="dataset">The file's data set; null if the file states none.</param>
    /// <param name="task">The task's name.</param>
    /// <exception cref="HarnessTaskException">There is no counterpart.</exception>
    public static KnownFunction Find(YamlValue function, string key, string? dataset, string task)
        => s_functions.FirstOrDefault(known => known.Dataset == dataset && known.Key == key && known.Name == function.Text)
            ?? throw Unknown(function, key, $"the function '{function.Text}'", task);

    /// <summary>Creates the exception for a function or class that has no counterpart.</summary>
    public static HarnessTaskException Unknown(YamlValue value, string key, string what, string task)
    {
        string? builtIn = BenchmarkTable.TasksByName.ContainsKey(task) ? task : null;
        HarnessTaskException fault = value.Fault(key, $"{what} is written in Python, which is not run here{(builtIn is null
            ? "; write what it does as a template, or implement IEvaluationTask"
            : $"; use the built-in task '{builtIn}', which measures the same")}");
        return new HarnessTaskException(fault.FilePath, key, fault.Message) { FunctionName = value.Text, BuiltInTask = builtIn };
    }

    private static string CrowsPairsTaskOf(string type) => $"{CrowsPairsTask}_{type switch
    {
        "socio" => "socioeconomic",
        "orientation" => "sexual_orientation",
        "appearance" => "physical_appearance",
        _ => type,
    }}";
}
