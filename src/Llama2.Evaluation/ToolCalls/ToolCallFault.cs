namespace Llama2.Evaluation;

/// <summary>Why calls are not the expected ones: the first rule that they break.</summary>
public enum ToolCallFault
{
    /// <summary>The calls are as expected.</summary>
    None,

    /// <summary>There are more or fewer calls than expected, or no call where one is expected.</summary>
    WrongCount,

    /// <summary>A call names another function.</summary>
    WrongFunction,

    /// <summary>A parameter that the function requires, or that the answer does not allow to be left out, has no argument.</summary>
    MissingParameter,

    /// <summary>An argument belongs to no parameter of the function, or to a parameter that the answer does not name.</summary>
    UnexpectedParameter,

    /// <summary>The type of an argument is neither that of its parameter nor that of the accepted values.</summary>
    WrongType,

    /// <summary>An argument is not one of the accepted values.</summary>
    WrongValue,

    /// <summary>One of several expected calls was not made; the calls may be in any order.</summary>
    NoMatch,

    /// <summary>There is a call although no function fits the question.</summary>
    UnneededCall,

    /// <summary>The model could not answer: the prompt is longer than its context, or a schema cannot be enforced.</summary>
    NotAnswered,
}
