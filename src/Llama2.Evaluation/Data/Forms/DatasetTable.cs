namespace Llama2.Evaluation.Data.Forms;

/// <summary>The data sets that are known by name.</summary>
internal static class DatasetTable
{
    /// <summary>MMLU, whose configurations are its subjects and <c>all</c>.</summary>
    public static Dataset Mmlu { get; } = new(["cais/mmlu", "hails/mmlu_no_train", "lukaemon/mmlu"], ["mmlu"], ["question", "choices", "answer"])
    {
        HasDevelopmentSplit = true,
        Forms = [new MmluAllForm(), new MmluForm()],
    };

    /// <summary>All data sets.</summary>
    public static IReadOnlyList<Dataset> All { get; } =
    [
        Mmlu,
        new(["openai/gsm8k", "gsm8k"], ["grade-school-math", "grade_school_math/data"], ["question", "answer"]) { MainNames = ["main"] },
        new(["openai/openai_humaneval", "openai_humaneval"], ["humaneval", "human-eval"], ["task_id", "prompt", "test", "entry_point"])
        {
            MainNames = ["openai_humaneval"],
            Forms = [new HumanEvalForm()],
        },
        new(["truthfulqa/truthful_qa", "truthful_qa"], ["truthfulqa", "TruthfulQA"], ["question"])
        {
            Forms = [new TruthfulQaForm(), new TruthfulQaCsvForm()],
        },
    ];

    /// <summary>Finds a data set by its name on the hub; null if it is not known.</summary>
    public static Dataset? Find(string path) => All.FirstOrDefault(dataset => dataset.Paths.Contains(path, StringComparer.OrdinalIgnoreCase));
}
