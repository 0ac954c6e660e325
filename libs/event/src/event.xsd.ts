import { eventNamespace } from './xml-body.js';

/** XML Schema 1.0 of the XML body, whatever the shape: names of fields are attributes, so all have the same elements. */
export const eventXsd = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${eventNamespace}"
           targetNamespace="${eventNamespace}" elementFormDefault="qualified">
  <xs:element name="event">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="type" type="xs:string"/>
        <xs:element name="timestamp" type="xs:dateTime"/>
        <xs:element name="change_id" type="xs:string"/>
        <!-- Rises per record. -->
        <xs:element name="sequence" type="xs:long"/>
        <xs:element name="database" type="xs:string"/>
        <xs:element name="model" type="xs:string"/>
        <xs:element name="record_id" type="xs:long"/>
        <xs:element name="op" type="operation"/>
        <!-- Only of what a replay sends. -->
        <xs:element name="replay" type="xs:boolean" fixed="true" minOccurs="0"/>
        <!-- Missing for creates and deletes. -->
        <xs:element name="changed" type="names" minOccurs="0"/>
        <xs:element name="data" type="data"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:simpleType name="operation">
    <xs:restriction base="xs:string">
      <xs:enumeration value="c"/>
      <xs:enumeration value="u"/>
      <xs:enumeration value="d"/>
      <!-- Nothing has happened: the record as it is, from a replay. -->
      <xs:enumeration value="r"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:complexType name="names">
    <xs:sequence>
      <xs:element name="field" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="data">
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="field" type="field"/>
      <xs:element name="relation" type="relation"/>
    </xs:choice>
  </xs:complexType>
  <xs:complexType name="relation">
    <xs:sequence>
      <xs:element name="record" type="record" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
    <xs:attribute name="name" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:complexType name="record">
    <xs:sequence>
      <xs:element name="field" type="field" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="field">
    <xs:simpleContent>
      <xs:extension base="xs:string">
        <xs:attribute name="name" type="xs:string" use="required"/>
        <!-- Missing where nothing is known but that the field is empty. -->
        <xs:attribute name="type" type="type"/>
        <!-- true for null, which is not the empty text. -->
        <xs:attribute name="nil" type="xs:boolean"/>
      </xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:simpleType name="type">
    <xs:restriction base="xs:string">
      <xs:enumeration value="integer"/>
      <xs:enumeration value="float"/>
      <xs:enumeration value="decimal"/>
      <xs:enumeration value="number"/>
      <xs:enumeration value="boolean"/>
      <xs:enumeration value="text"/>
      <xs:enumeration value="date"/>
      <xs:enumeration value="datetime"/>
      <xs:enumeration value="json"/>
      <xs:enumeration value="base64"/>
    </xs:restriction>
  </xs:simpleType>
</xs:schema>
`;
