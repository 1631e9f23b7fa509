using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The source of the initial values of trained weights.</summary>
internal interface IParameterSource
{
    /// <summary>Writes a parameter's values. This method is called once for each parameter, in the order of the layers.</summary>
    void Fill(Parameter parameter);
}
