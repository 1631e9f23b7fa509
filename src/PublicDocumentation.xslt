<?xml version="1.0" encoding="utf-8"?>
<!-- Keeps the members of a documentation file whose names are in the parameter "names", such as |Llama2.LlamaModel|Llama2.LlamaModel.Load|… -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:param name="names" />
  <xsl:output method="xml" encoding="utf-8" />
  <xsl:strip-space elements="members" />
  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()" /></xsl:copy>
  </xsl:template>
  <xsl:template match="member">
    <!-- The attribute "name" is, for example, M:Llama2.LlamaModel.Load(System.String). -->
    <xsl:if test="contains($names, concat('|', substring-before(concat(substring-after(@name, ':'), '('), '('), '|'))">
      <xsl:value-of select="'&#10;        '" />
      <xsl:copy><xsl:apply-templates select="@*|node()" /></xsl:copy>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
