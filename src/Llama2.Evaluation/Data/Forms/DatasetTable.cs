namespace Llama2.Evaluation.Data.Forms;

/// <summary>The data sets that are known by name. Another one takes a line here and, if its authors publish it in a form of their own, a class.</summary>
internal static class DatasetTable
{
    /// <summary>MMLU, whose configurations are its subjects and <c>all</c>.</summary>
    public static Dataset Mmlu { get; } = new(["cais/mmlu", "hails/mmlu_no_train", "lukaemon/mmlu"], ["mmlu"], ["question", "choices", "answer"])
    {
        HasDevelopmentSplit = true,
        NumberFields = ["answer"],
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
            Forms = [new RenamedForm([], [], ["HumanEval.jsonl", "data/HumanEval.jsonl"])],
        },
        new(["google-research-datasets/mbpp", "mbpp"], [], ["task_id", "test_list"]) { MainNames = ["full"], NumberFields = ["task_id"], Forms = [new MbppForm()] },
        new(["truthfulqa/truthful_qa", "truthful_qa"], ["truthfulqa", "TruthfulQA"], ["question"]) { Forms = [new TruthfulQaForm(), new TruthfulQaCsvForm()] },
        new(["allenai/ai2_arc", "ai2_arc"], ["arc", "ARC-V1-Feb2018-2"], ["question", "choices", "answerKey"]) { Forms = [new ArcForm()] },
        new(["allenai/openbookqa", "openbookqa"], ["OpenBookQA-V1-Sep2018"], ["question_stem", "choices", "answerKey"]) { MainNames = ["main"], Forms = [new OpenBookQaForm()] },
        new(["tau/commonsense_qa", "commonsense_qa"], ["commonsenseqa"], ["question", "choices", "answerKey"]) { Forms = [new CommonsenseQaForm()] },
        new(["Rowan/hellaswag", "hellaswag"], [], ["activity_label", "ctx_a", "ctx_b", "endings", "label"]) { Forms = [new HellaSwagForm()] },
        new(["allenai/winogrande", "winogrande"], ["winogrande_1.1"], ["sentence", "option1", "option2", "answer"]) { Forms = [new WinoGrandeForm()] },
        new(["baber/piqa", "ybisk/piqa", "piqa"], ["physicaliqa-train-dev"], ["goal", "sol1", "sol2", "label"])
        {
            NumberFields = ["label"],
            Forms = [new LabelledForm("physicaliqa-train-dev", "valid", ["goal", "sol1", "sol2"], isTextLabel: false), new LabelledForm("physicaliqa-train-dev", "dev", ["goal", "sol1", "sol2"], isTextLabel: false)],
        },
        new(["lighteval/siqa", "allenai/social_i_qa", "social_i_qa"], ["siqa", "socialiqa", "socialiqa-train-dev"], ["context", "question", "answerA", "answerB", "answerC", "label"])
        {
            Forms = [new LabelledForm("socialiqa-train-dev", "dev", ["context", "question", "answerA", "answerB", "answerC"], isTextLabel: true)],
        },
        new(["aps/super_glue", "super_glue", "google/boolq", "boolq"], ["BoolQ"], ["label"]) { NumberFields = ["label"], Forms = [new BoolQForm()] },
        new(["mandarjoshi/trivia_qa", "trivia_qa"], ["triviaqa", "triviaqa-rc", "triviaqa-unfiltered"], ["question", "answer"]) { Forms = [new TriviaQaForm()] },
        new(["google-research-datasets/nq_open", "nq_open"], ["nq-open", "natural-questions"], ["question", "answer"])
        {
            MainNames = ["nq_open"],
            Forms = [new RenamedForm(["NQ-open.train.jsonl", "nq_open/NQ-open.train.jsonl"], ["NQ-open.dev.jsonl", "nq_open/NQ-open.dev.jsonl"], [])],
        },
        new(["rajpurkar/squad_v2", "squad_v2"], ["squad", "squadv2"], ["id", "context", "question", "answers"]) { MainNames = ["squad_v2"], Forms = [new SquadForm("2.0")] },
        new(["rajpurkar/squad", "squad"], [], ["id", "context", "question", "answers"]) { MainNames = ["plain_text"], Forms = [new SquadForm("1.1")] },
        new(["EleutherAI/lambada_openai", "lambada_openai"], ["lambada"], ["text"]) { Forms = [new LambadaForm()] },
        new(["EleutherAI/wikitext_document_level", "wikitext_document_level"], ["wikitext", "wikitext2", "wikitext-2-raw", "wikitext-2"], ["page"]) { Forms = [new WikitextForm()] },
        new(["jannalu/crows_pairs_multilingual", "nyu-mll/crows_pairs", "crows_pairs"], ["crows-pairs"], ["sent_more", "sent_less", "bias_type"]) { Forms = [new CrowsPairsForm()] },
        new(["oskarvanderwal/bbq", "heegyu/bbq", "Elfsong/BBQ", "nyu-mll/BBQ", "bbq"], ["BBQ"], ["context", "question", "ans0", "label"]) { Forms = [new BbqForm()] },
        new(["uclanlp/wino_bias", "wino_bias"], ["winobias", "corefBias"], ["tokens", "coreference_clusters"]) { Forms = [new WinoBiasForm()] },
        new(["AlexaAI/bold", "bold"], [], ["domain", "name", "category", "prompts"]) { Forms = [new BoldForm()] },
        new(["skg/toxigen-data", "toxigen/toxigen-data", "toxigen-data"], ["toxigen"], ["text", "target_group"])
        {
            NumberFields = ["toxicity_ai", "toxicity_human"],
            Forms = [new ToxiGenAnnotatedForm()],
        },
        new(["microsoft/TOXIGEN"], ["toxigen"], ["text", "target_group"]) { NumberFields = ["prompt_label"], Forms = [new ToxiGenDemonstrationForm()] },
        new(["Paul/XSTest", "natolambert/xstest-v2-copy", "walledai/XSTest", "xstest"], ["exaggerated-safety"], ["prompt", "type"]) { Forms = [new XsTestForm()] },
        new(["walledai/AdvBench", "advbench"], ["llm-attacks"], ["prompt", "target"]) { Forms = [new AdvBenchForm()] },
        new(["allenai/real-toxicity-prompts", "real-toxicity-prompts"], ["realtoxicityprompts", "realtoxicityprompts-data"], ["prompt", "continuation"])
        {
            Forms = [new RenamedForm(["prompts.jsonl", "realtoxicityprompts-data/prompts.jsonl"], [], [])],
        },
    ];

    /// <summary>Finds a data set by its name on the hub; null if it is not known.</summary>
    public static Dataset? Find(string path) => All.FirstOrDefault(dataset => dataset.Paths.Contains(path, StringComparer.OrdinalIgnoreCase));
}
